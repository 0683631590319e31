# The part of oscar_observer.pm, joined to it in every run directory, that cares for what others change
# about the table during the run. Of the same package.
package pt_online_schema_change_plugin;

use strict;
use warnings;

use vars qw($LOCK_TRIES);    # the observer's

# How the line of one of the tool's own triggers begins.
my $OWN_TRIGGER = qr/\Athe tool's TRIGGER /;

# ------------------------------------------------------------------------------------------------
# The table as it was when the run began
# ------------------------------------------------------------------------------------------------

# The new table was made from the definition of the beginning. What somebody else changes about the
# table while it is copied would vanish in the swap, with its data and without a word.
sub _note_definition {
    my ($self) = @_;
    $self->{definition} = $self->_or_refuse(
        'cannot read the definition of the table, so nothing begins',
        sub { $self->_definition( $self->{orig_tbl} ) }
    );
    $self->{triggers_before} = { map { $_ => 1 } @{ $self->{trigger_names} } };
    return;
}

# The table as the copy finds it. From now on the tool's triggers belong to it, since writes are lost
# without them, and its data are those that are copied.
sub _note_copied_table {
    my ($self) = @_;
    my @own = grep { /_(?:del|ins|upd)\z/ && !$self->{triggers_before}{$_} }
        @{ $self->{tables}{triggers} || [] };
    $self->{own_triggers} = { map { $_ => 1 } @own };
    my $words  = 'cannot read the definition of the table before the copy';
    my $is     = $self->_or_refuse( $words, sub { $self->_definition( $self->{orig_tbl} ) } );
    my @others = grep { !/$OWN_TRIGGER/ } @$is;
    $self->_refuse_difference( $self->{definition}, \@others );
    my $found = @$is - @others;
    $self->_refuse( "the table was changed by somebody else during the copy: of the tool's three"
            . " triggers only $found are there" )
        if @own && $found != 3;
    $self->{definition} = $is;
    $self->{data} = $self->_or_refuse( $words, sub { $self->_data_numbers( $self->{orig_tbl} ) } );
    return;
}

sub _verify_definition {
    my ($self) = @_;
    my $words  = 'cannot read the definition of the table before the swap';
    my $is     = $self->_or_refuse( $words, sub { $self->_definition( $self->{orig_tbl} ) } );
    $self->_refuse_difference( $self->{definition}, $is );
    my $data = $self->_or_refuse( $words, sub { $self->_data_numbers( $self->{orig_tbl} ) } );
    my $other = _difference_of_data( $self->{data}, $data ) or return;
    $self->_refuse("the table was changed by somebody else during the copy, its data: $other");
}

sub _refuse_difference {
    my ( $self, $was, $is ) = @_;
    return if join( "\n", @$was ) eq join( "\n", @$is );
    $self->_refuse( 'the table was changed by somebody else during the copy: '
            . _difference( $was, $is ) );
}

# What `read` gives; without it the run ends, for a stop or with these words.
sub _or_refuse {
    my ( $self, $words, $read ) = @_;
    my $got = eval { $read->() };
    return $got if $got;
    my $error = $@;
    $self->_check_stop();
    $self->_refuse("$words: $error");
}

# Which of the triggers are the tool's: none before it has made them. Should their names not be known
# the observer can only go by how the tool names them.
sub _is_own_trigger {
    my ( $self, $name ) = @_;
    my $own = $self->{own_triggers} or return 0;
    return $own->{$name} if %$own;
    return $name =~ /\Apt_osc_/ && !$self->{triggers_before}{$name};
}

# The lines of the table's definition, and one for each of its triggers.
sub _definition {
    my ( $self, $tbl ) = @_;
    my $dbh = $self->{cxn}->dbh();
    for my $try ( 1 .. $LOCK_TRIES ) {
        my $lines = eval { $self->_definition_lines( $dbh, $tbl ) };
        return $lines if $lines;
        my $error = $@;
        die $error if $try == $LOCK_TRIES || !_is_lock_error($error);
        $self->_check_stop();
    }
    return;
}

sub _definition_lines {
    my ( $self, $dbh, $tbl ) = @_;
    my ( $name, $sql ) = $dbh->selectrow_array("SHOW CREATE TABLE $tbl->{name}");
    die "the server gives none\n" if !defined $sql || $sql !~ /\ACREATE /;
    my @lines = split /\n/, $sql;
    for (@lines) { s/\A(\).*?) AUTO_INCREMENT=\d+/$1/ }    # grows with every row that is written
    my $triggers = $dbh->selectall_arrayref(
        'SELECT TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT, CREATED'
            . ' FROM INFORMATION_SCHEMA.TRIGGERS'
            . ' WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ? ORDER BY TRIGGER_NAME',
        {}, $tbl->{db}, $tbl->{tbl}
    ) or die "the server does not tell the triggers\n";
    $self->{trigger_names} = [ map { $_->[0] } @$triggers ];
    for my $trigger (@$triggers) {
        my $created = pop @$trigger;
        my ( $name, @rest ) = map { defined $_ ? $_ : '' } @$trigger;
        my $line = join ' ', 'TRIGGER', $name, @rest;
        if ( $self->_is_own_trigger($name) ) {
            next if !%{ $self->{own_triggers} };    # which of them are there is not known

            # One that somebody dropped and made anew has missed what was written in between.
            $created = '?' if !defined $created;
            $line = join ' ', "the tool's TRIGGER $name, created $created,", @rest;
        }
        push @lines, $line;
    }
    return \@lines;
}

# What somebody changed while the RENAME waited for a lock. The old table no longer changes, and has the
# only copy of it, so it must stay.
sub _verify_old_table {
    my ( $self, $old ) = @_;
    my $is = eval { $self->_definition($old) };
    my $error = $@;
    my ( $before, $now ) = map { _comparable( $_, $old->{tbl}, $self->{orig_tbl}{tbl} ) }
        $self->{definition}, $is || [];
    my %was = map { $_ => 1 } @$before;
    my %is  = map { $_ => 1 } @$now;

    # --preserve-triggers takes the triggers that were there to the new table.
    my @gone = grep { !$is{$_} && !/\ATRIGGER / } @$before;
    my $data = $is ? eval { $self->_data_of_old_table($old) } : undef;
    $error = $@ if $is && !$data;
    my $other = $data && _difference_of_data( $self->{data}, $data );
    return if $data && !@gone && !$other && !grep { !$was{$_} } @$now;
    my $kept = eval { $self->_keep_old_table(); 1 };
    my $changed = 'the table was changed by somebody else just before the swap';
    my $words =
          !$data ? "cannot read the definition of the old table after the swap: $error"
        : $other ? "$changed, its data: $other"
        : "$changed, and the new one does not have the change: "
            . _difference( $before, [ @$now, grep { /\ATRIGGER / } @$before ] );
    my $text = $self->_tell_refusal("$words; the old table $old->{tbl} is kept");
    eval { syswrite STDERR, "$text\n"; 1 };

    # Death is the other way to keep it; the tool drops its triggers all the same.
    die "oscar: the old table must be kept\n" if !$kept;
    return;
}

# The lines without what the RENAME itself changes: the names of the table and of constraints that are
# derived from it. Foreign keys are left out, because 3.7 has mended those of the table to itself.
sub _comparable {
    my ( $lines, $from, $to ) = @_;
    my @lines = grep { !/\A\s*CONSTRAINT .* FOREIGN KEY / } @$lines;
    my ( $quoted_from, $quoted_to ) = ( $from, $to );
    s/`/``/g for $quoted_from, $quoted_to;    # as the server writes names between backticks
    for (@lines) { s/($OWN_TRIGGER\S+), created [^,]*,/$1/ }    # not all servers keep that time
    for (@lines) { s/\Q$quoted_from\E/$quoted_to/g; s/\Q$from\E/$to/g; s/,\z// }
    return \@lines;
}

# Makes the run that was to drop the old table leave it, and end with a status that is not 0.
sub _keep_old_table {
    my ($self) = @_;
    $self->{old_table_kept} = 1;
    $self->{options}->set( 'drop-old-table', 0 );
    die "the option was not taken\n" if $self->{options}->get('drop-old-table');
    return;
}

# In words, the first lines that only one of the two has.
sub _difference {
    my ( $was, $is ) = @_;
    my ( @old, @new );
    for my $pair ( [ $was, \@old ], [ $is, \@new ] ) {
        my ( $lines, $words ) = @$pair;
        @$words = @$lines;
        for (@$words) { utf8::decode($_); s/,\z//; s/\s+/ /g; s/\A //; $_ = substr $_, 0, 120 }
    }
    my %old = map { $_ => 1 } @old;
    my %new = map { $_ => 1 } @new;
    my @words = map { "new: $_" } grep { !$old{$_} } @new;
    push @words, map { "gone: $_" } grep { !$new{$_} } @old;
    return 'the order or the end of its parts' if !@words;
    return join( '; ', grep { defined } @words[ 0 .. 3 ] ) . ( @words > 4 ? '; ...' : '' );
}

# ------------------------------------------------------------------------------------------------
# The table's data, by the numbers that the server gives to whatever holds them
# ------------------------------------------------------------------------------------------------

# TRUNCATE, EXCHANGE PARTITION and another table of the same definition in the table's place fire no
# trigger and leave the definition as it is, but give it other numbers (as does a rebuild, which cannot
# be told apart). Each line is what follows the table's name (`#P#p0` for a partition) and a number.
# Which of these ways works is found out once; none at all: an empty list, and nothing is ever said.
sub _data_numbers {
    my ( $self, $tbl ) = @_;
    my $dbh  = $self->{cxn}->dbh();
    my @ways = $self->{data_way} || qw(_tablespaces _innodb_tables _creation);
    for my $way (@ways) {
        my $rows = eval { $self->$way( $dbh, $tbl ) };
        die $@ if !$rows && ( @ways == 1 || _error_word($@) eq 'lost_connection' );
        next if !$rows || ( @ways > 1 && !@$rows );
        $self->{data_way} = $way;
        return [ sort map { join ' ', map { defined $_ ? $_ : '' } @$_ } @$rows ];
    }
    $self->{data_way} = '_nothing';
    return [];
}

sub _nothing { return [] }

# MySQL 8 and later, with PROCESS. Found by an index on the name, unlike INNODB_TABLES.
sub _tablespaces {
    my ( $self, $dbh, $tbl ) = @_;
    my @names   = @$tbl{qw(db tbl)};
    my @escaped = @names;
    for (@escaped) { s/([|%_])/|$1/g }
    my $name    = _innodb_case($dbh);
    my $rows    = $dbh->selectall_arrayref(
        "SELECT SUBSTRING(NAME, CHAR_LENGTH(CONCAT($name, '/', $name)) + 1), SPACE"
            . ' FROM INFORMATION_SCHEMA.INNODB_TABLESPACES_BRIEF'
            . " WHERE NAME = CONCAT($name, '/', $name)"
            . " OR NAME LIKE CONCAT($name, '/', $name, '#%') ESCAPE '|'",
        {}, @names, @names, @escaped
    ) or die "the server does not tell the tablespaces\n";
    return [ grep { $_->[0] =~ /\A(?:#p#|\z)/i } @$rows ];    # a table may be called `t#x`
}

# MariaDB and MySQL 5.7, with PROCESS. Reads all names, of which 10 000 take some 30 ms.
sub _innodb_tables {
    my ( $self, $dbh, $tbl ) = @_;
    my $name = 'CAST(CONVERT(' . _innodb_case($dbh) . ' USING filename) AS BINARY)';
    return $dbh->selectall_arrayref(
        "SELECT SUBSTRING(NAME, LENGTH(CONCAT($name, '/', $name)) + 1), TABLE_ID"
            . ' FROM INFORMATION_SCHEMA.INNODB_SYS_TABLES'
            . " WHERE SUBSTRING_INDEX(NAME, '#', 1) = CONCAT($name, '/', $name)",
        {}, ( @$tbl{qw(db tbl)} ) x 2
    ) || die "the server does not tell the tables\n";
}

# Without PROCESS: another table has another time, and one that was truncated counts from the
# beginning again (unless so much was written since that it has caught up).
sub _creation {
    my ( $self, $dbh, $tbl ) = @_;
    my ($time) = $dbh->selectrow_array(
        'SELECT CREATE_TIME FROM INFORMATION_SCHEMA.TABLES'
            . ' WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', {}, @$tbl{qw(db tbl)}
    );
    my ( $name, $sql ) = $dbh->selectrow_array("SHOW CREATE TABLE $tbl->{name}");
    my $next = $sql =~ /^\).*? AUTO_INCREMENT=(\d+)/m ? $1 : 1;
    my $highest = $self->{highest_next} || 0;
    $self->{highest_next} = $next if $next > $highest;
    return [ [ $time, $next < $highest ? 'AUTO_INCREMENT fell' : '' ] ];
}

# The old table has its numbers still, but not always the time of its creation.
sub _data_of_old_table {
    my ( $self, $old ) = @_;
    return $self->{data_way} eq '_creation' ? $self->{data} : $self->_data_numbers($old);
}

sub _innodb_case {
    my ($dbh) = @_;
    my ($lower) = $dbh->selectrow_array('SELECT @@lower_case_table_names');
    return $lower ? 'LOWER(?)' : '?';
}

# Undef when it is the same data.
sub _difference_of_data {
    my ( $was, $is ) = @_;
    return undef if join( "\n", @$was ) eq join( "\n", @$is );
    my %is    = map { $_ => 1 } @$is;
    my @parts = map { /\A#p#(\S+) /i ? $1 : () } grep { !$is{$_} } @$was;
    return 'it was truncated, rebuilt or replaced by another table' if !@parts;
    my @first = grep { defined } @parts[ 0 .. 3 ];
    return 'partitions were truncated, rebuilt or exchanged: ' . join ', ', @first,
        @parts > 4 ? '...' : ();
}

1;
