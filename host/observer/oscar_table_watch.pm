# The part of oscar_observer.pm, joined to it in every run directory, that cares for what others change
# about the table during the run. Of the same package.
package pt_online_schema_change_plugin;

use strict;
use warnings;

use vars qw($LOCK_TRIES);    # the observer's

# ------------------------------------------------------------------------------------------------
# The table as it was when the run began
# ------------------------------------------------------------------------------------------------

# The new table was made from the definition of the beginning. What somebody else changes about the
# table while it is copied would vanish in the swap, with its data and without a word.
sub _note_definition {
    my ($self) = @_;
    $self->{definition} = eval { $self->_definition( $self->{orig_tbl} ) } and return;
    my $error = $@;
    $self->_check_stop();
    $self->_refuse("cannot read the definition of the table, so nothing begins: $error");
}

sub _verify_definition {
    my ($self) = @_;
    my $is = eval { $self->_definition( $self->{orig_tbl} ) };
    if ( !$is ) {
        my $error = $@;
        $self->_check_stop();
        $self->_refuse("cannot read the definition of the table before the swap: $error");
    }
    my $was = $self->{definition};
    return if join( "\n", @$was ) eq join( "\n", @$is );
    $self->_refuse( 'the table was changed by somebody else during the copy: '
            . _difference( $was, $is ) );
}

# The lines of the table's definition, and one for each of its triggers that is not the tool's.
sub _definition {
    my ( $self, $tbl ) = @_;
    my $dbh = $self->{cxn}->dbh();
    for my $try ( 1 .. $LOCK_TRIES ) {
        my $lines = eval { _definition_lines( $dbh, $tbl ) };
        return $lines if $lines;
        my $error = $@;
        die $error if $try == $LOCK_TRIES || !_is_lock_error($error);
        $self->_check_stop();
    }
    return;
}

sub _definition_lines {
    my ( $dbh, $tbl ) = @_;
    my ( $name, $sql ) = $dbh->selectrow_array("SHOW CREATE TABLE $tbl->{name}");
    die "the server gives none\n" if !defined $sql || $sql !~ /\ACREATE /;
    my @lines = split /\n/, $sql;
    for (@lines) { s/\A(\).*?) AUTO_INCREMENT=\d+/$1/ }    # grows with every row that is written
    my $triggers = $dbh->selectall_arrayref(
        'SELECT TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT'
            . ' FROM INFORMATION_SCHEMA.TRIGGERS'
            . ' WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ? ORDER BY TRIGGER_NAME',
        {}, $tbl->{db}, $tbl->{tbl}
    ) or die "the server does not tell the triggers\n";
    for my $trigger ( grep { $_->[0] !~ /\Apt_osc_/ } @$triggers ) {
        push @lines, 'TRIGGER ' . join ' ', map { defined $_ ? $_ : '' } @$trigger;
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
    return
        if $is
        && !grep( { !$was{$_} } @$now )
        && !grep( { !$is{$_} && !/\ATRIGGER / } @$before );
    my $kept = eval { $self->_keep_old_table(); 1 };
    my $words =
        $is
        ? 'the table was changed by somebody else just before the swap, and the new one does not have'
        . ' the change: ' . _difference( $before, [ @$now, grep { /\ATRIGGER / } @$before ] )
        : "cannot read the definition of the old table after the swap: $error";
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

1;
