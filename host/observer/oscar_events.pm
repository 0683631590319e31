# The part of oscar_observer.pm that writes events, joined to it in every run directory. Of the same
# package.
package pt_online_schema_change_plugin;

use strict;
use warnings;

use Time::HiRes ();

use vars qw($OLD_NAMES);    # the observer's (`our` would warn, being the second in the joined file)

# ------------------------------------------------------------------------------------------------
# Events
# ------------------------------------------------------------------------------------------------

sub _stage {
    my ( $self, $stage, @fields ) = @_;
    return if $self->{stage} eq $stage;
    return if $self->{dry_run} && $stage !~ /\A(?:creating_new_table|altering_new_table|done)\z/;
    $self->_tell_session();
    $self->{stage} = $stage;
    $self->_emit( 'stage', stage => $stage, @fields );
    return;
}

# Tells all names known so far whenever one becomes known.
sub _tables {
    my ( $self, $what, $name ) = @_;
    return if !defined $name;
    $self->{tables}{$what} = $name;
    my $tables = $self->{tables};
    $self->_emit( 'tables', map { $_ => $tables->{$_} } sort keys %$tables );
    return;
}

# The server's number of the connection that changes things, told whenever it is another one. The
# driver knows it; nothing is asked.
sub _tell_session {
    my ($self) = @_;
    local $@;
    my $id = eval {
        my $dbh = $self->{cxn}->dbh();
        $dbh && $dbh->{Active} ? $dbh->{mysql_thread_id} : undef;
    };
    return if !$id || $id == ( $self->{session} || 0 );
    $self->{session} = $id;
    $self->_emit( 'session', id => _number($id) );
    return;
}

# The last word before the RENAME: whether it happened can be told afterwards by the old tables that
# were not there before. Without `old_before` it is not known which were.
sub _tell_swapping {
    my ($self) = @_;
    return if $self->{dry_run};
    $self->_tell_session();
    my $there = eval {
        my $tbl   = $self->{orig_tbl};
        my @names = map { substr '_' x $_ . $tbl->{tbl} . '_old', 0, 64 } 1 .. $OLD_NAMES;
        $self->{aux_cxn}->dbh()->selectcol_arrayref(
            'SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = ?'
                . ' AND TABLE_NAME IN (' . join( ',', ('?') x @names ) . ') ORDER BY TABLE_NAME',
            {}, $tbl->{db}, @names
        );
    };
    $self->_emit( 'swapping', new => eval { $self->{new_tbl}{tbl} }, old_before => $there );
    return;
}

sub _find_triggers {
    my ($self) = @_;
    return undef if $self->{dry_run};
    my $names = eval {
        my $tbl = $self->{orig_tbl};
        $self->{aux_cxn}->dbh()->selectcol_arrayref(
            'SELECT TRIGGER_NAME FROM INFORMATION_SCHEMA.TRIGGERS'
                . ' WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ?'
                . " AND TRIGGER_NAME LIKE 'pt\\_osc\\_%' ORDER BY TRIGGER_NAME",
            {}, $tbl->{db}, $tbl->{tbl}
        );
    };
    return $names && @$names ? $names : undef;
}

sub _end {
    my ( $self, $ok, @fields ) = @_;
    return if $self->{ended}++;
    push @fields, reason => 'stopped' if $self->{stopped};
    $self->_emit( 'end', ok => _bool($ok), @fields );
    return;
}

sub _warning {
    my ( $self, $text ) = @_;
    $text =~ s/\s+\z//;
    $self->_emit( 'warning', text => substr( $text, 0, 300 ) );
    return;
}

sub _due {
    my ( $self, $event, $interval ) = @_;
    return Time::HiRes::time() - ( $self->{told_at}{$event} || 0 ) >= $interval;
}

# Writes one event. Never dies; leaves $@ and $! as they were, since the tool may be about to use them.
sub _emit {
    my ( $self, $event, @fields ) = @_;
    local ( $@, $! );
    eval {
        my $now = Time::HiRes::time();
        $self->{told_at}{$event} = $now;
        unshift @fields, e => $event, t => _seconds($now);
        my @members;
        while ( my ( $key, $value ) = splice @fields, 0, 2 ) {
            push @members, _json($key) . ':' . _json($value) if defined $value;
        }
        my $line = '#oscar ' . $self->{mark} . '{' . join( ',', @members ) . "}\n";
        syswrite $self->{out}, $line if $self->{out};
        1;
    };
    return;
}

# The host's word for this run, which nobody else knows: text of the table or of the ALTER that looks
# like an event does not have it. A host that gives none takes events without it.
sub _event_mark {
    my ($folder) = @_;
    open my $file, '<', "$folder/event_mark" or return '';
    my $text = <$file>;
    close $file;
    return defined $text && $text =~ /\A([0-9a-f]{32})\s*\z/ ? "$1 " : '';
}

# ------------------------------------------------------------------------------------------------
# JSON: a reference to a string is written as it is (numbers, booleans), everything else by its kind
# ------------------------------------------------------------------------------------------------

sub _number {
    my ($value) = @_;
    return undef if !defined $value || $value !~ /\A-?\d+(?:\.\d+)?\z/;
    return \"$value" if $value =~ /\A-?(?:0|[1-9]\d*)(?:\.\d+)?\z/;
    return \( 0 + $value . '' );
}

sub _seconds {
    my ($value) = @_;
    return defined $value ? \sprintf( '%.3f', $value ) : undef;
}

sub _bool { return $_[0] ? \'true' : \'false' }

sub _json {
    my ($value) = @_;
    return 'null' if !defined $value;
    my $kind = ref $value;
    return $$value if $kind eq 'SCALAR';
    return '[' . join( ',', map { _json($_) } @$value ) . ']' if $kind eq 'ARRAY';
    return
        '{'
        . join( ',', map { _json($_) . ':' . _json( $value->{$_} ) }
            grep { defined $value->{$_} } sort keys %$value )
        . '}'
        if $kind eq 'HASH';

    # Names come from argv as bytes or from the server as characters; ASCII output suits every layer.
    my $text = "$value";
    utf8::decode($text) if !utf8::is_utf8($text);
    $text =~ s/(["\\])/\\$1/g;
    $text =~ s/([^\x20-\x7e])/_escape( ord $1 )/ge;
    return qq("$text");
}

sub _escape {
    my ($code) = @_;
    return sprintf '\\u%04x', $code if $code < 0x10000;
    $code -= 0x10000;
    return sprintf '\\u%04x\\u%04x', 0xd800 + ( $code >> 10 ), 0xdc00 + ( $code & 0x3ff );
}

sub _tool_version {
    no warnings 'once';
    return defined $Percona::Toolkit::VERSION ? "$Percona::Toolkit::VERSION" : 'unknown';
}

# An option of the tool, or `default` when it cannot be asked.
sub _option {
    my ( $self, $name, $default ) = @_;
    my $options = $self->{options} or return $default;
    my $value = eval { $options->has($name) ? $options->get($name) : $default };
    return $@ ? $default : $value;
}

1;
