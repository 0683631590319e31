# "No row lost" (README.md in this folder): the count before the swap and the search of the old table
# after it. The observer loads this file when it lies beside it as `row_check.pm`; its presence is the
# wish. The rules for changes are those of the observer, of whose package it is a part.
package pt_online_schema_change_plugin;

use strict;
use warnings;

our ( $NAP, $LOCK_TRIES );    # the observer's

# ------------------------------------------------------------------------------------------------
# Before the swap
# ------------------------------------------------------------------------------------------------

# The tool copies with INSERT IGNORE and its triggers write with REPLACE, so of two rows with equal
# values in a new unique key one vanishes from the new table without a word, whenever the application
# writes it. Such a table must not be swapped in; neither must one of which nothing could be learnt.
sub _verify_rows {
    my ($self) = @_;
    my $since = Time::HiRes::time();
    $self->_emit('verifying_rows');
    my ( $original, $new );
    for my $try ( 1 .. $LOCK_TRIES ) {
        last if eval { ( $original, $new ) = $self->_count_rows(); 1 };
        my $error = $@;
        $self->_check_stop();
        next if $try < $LOCK_TRIES && _is_lock_error($error);
        $self->_refuse("cannot count the rows before the swap: $error");
    }
    $self->_emit(
        'rows_verified',
        original => _number($original),
        new      => _number($new),
        seconds  => _seconds( Time::HiRes::time() - $since ),
    );
    return if $new >= $original;
    my $missing = $original - $new;
    $self->_refuse( "$missing rows would be lost: the table has $original rows, its copy"
            . " with the new unique key only $new" );
}

# The rows of the original and of the new table at one moment. Dies when they cannot be counted.
sub _count_rows {
    my ($self) = @_;
    my $dbh = $self->{cxn}->dbh();
    my @names = map { $_->{name} } grep { defined } @$self{qw(orig_tbl new_tbl)};
    die "the tables are not known\n" if @names != 2 || grep { !defined || !length } @names;
    my ($thread) = $dbh->selectrow_array('SELECT CONNECTION_ID()');

    # Holds for the next transaction only, so there is nothing to restore.
    $dbh->do('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    $dbh->do('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    my @rows = eval { $self->_patient_row( $dbh, $thread, _count_sql(@names) ) };
    my $error = $@;
    eval { $dbh->do('ROLLBACK'); 1 } or $error ||= $@;
    die $error if $error;
    die "no counts\n" if @rows != 2 || grep { !defined || !/\A\d+\z/ } @rows;
    return @rows;
}

# One statement sees one state of both tables on every server. A count of a big table must not fail
# by the server's general limit for statements: MariaDB reads the first comment, MySQL the second.
sub _count_sql {
    my ( $original, $new ) = @_;
    return '/*M!100101 SET STATEMENT max_statement_time=0 FOR */ SELECT /*+ MAX_EXECUTION_TIME(0) */'
        . " (SELECT COUNT(*) FROM $original), (SELECT COUNT(*) FROM $new)";
}

# The first row of a query that may take long. Looks at control/stop meanwhile, and kills the query
# then. A driver that cannot wait in this way lets the stop wait instead.
sub _patient_row {
    my ( $self, $dbh, $thread, $sql ) = @_;
    return $dbh->selectrow_array($sql) if !$dbh->can('mysql_async_ready');
    my $statement = $dbh->prepare( $sql, { async => 1 } );
    $statement->execute();
    my $since = Time::HiRes::time();
    my $killed;
    while ( !$statement->mysql_async_ready() ) {
        if ( !$killed && $self->{stoppable} && _requested('stop') ) {
            $killed = eval { $self->{aux_cxn}->dbh()->do("KILL QUERY $thread"); 1 };
        }
        $self->_refuse_late_stop() if !$self->{stoppable};
        $self->_keep_alive('aux_cxn');
        my $passed = Time::HiRes::time() - $since;
        _nap( $passed < 1 ? 0.01 : $NAP );    # a short count should leave a short gap to the swap
    }
    $statement->mysql_async_result();
    my @row = $statement->fetchrow_array();
    $statement->finish();
    return @row;
}

# ------------------------------------------------------------------------------------------------
# After the swap
# ------------------------------------------------------------------------------------------------

sub _after_swap {
    my ( $self, $old ) = @_;
    $self->{unsearched} = $old or return;

    # 3.2 mends the foreign keys after the swap: until then they lead to the old table, and writes to
    # the tables that have them fail. They must not wait for a search that may take long.
    $self->_search_old_table() if !$self->{has_children} || $self->{foreign_keys_told};
    return;
}

# What was written between the count and the swap. The old table no longer changes, so equal values in
# a unique key of the new one tell for certain that rows are missing there. Then, and when nothing
# could be learnt, the old table has the only copy of them and must stay.
sub _search_old_table {
    my ($self) = @_;
    my $old = delete $self->{unsearched} or return;
    my $since = Time::HiRes::time();
    $self->_emit( 'searching_old_table', old => $old->{tbl} );
    my %found = ( keys => [], searched => 0, values => 0, rows => 0 );
    my $ok = eval { $self->_find_repeated( $old, \%found ); 1 };
    my $error = $@;
    if ( $ok && !@{ $found{keys} } ) {
        $self->_emit(
            'old_table_searched',
            keys    => _number( $found{searched} ),
            seconds => _seconds( Time::HiRes::time() - $since ),
        );
        return;
    }
    my $kept = eval { $self->_keep_old_table(); 1 };
    $error =~ s/\s+\z//;
    my $words = $ok ? "at least $found{rows} rows are missing in the new table"
        : "cannot search the old table for rows that the new one lacks: $error";
    $self->_emit(
        'rows_missing',
        old => $old->{tbl},
        $ok
        ? ( values => _number( $found{values} ),
            rows   => _number( $found{rows} ),
            keys   => [ grep { defined } @{ $found{keys} }[ 0 .. 3 ] ] )
        : ( reason => substr( $error, 0, 300 ) ),
    );
    eval { syswrite STDERR, "oscar: $words; the old table $old->{name} is kept\n"; 1 };

    # Death is the other way to keep it; the tool drops its triggers all the same.
    die "oscar: the old table must be kept\n" if !$kept;
    return;
}

# Adds the unique keys in which values of the old table repeat. Dies when one cannot be searched.
sub _find_repeated {
    my ( $self, $old, $found ) = @_;
    my ( $was, $is ) = map { $self->_structure($_) } $old, $self->{orig_tbl};
    for my $key ( sort keys %{ $is->{keys} } ) {
        my $parts = $self->_old_parts( $key, $was, $is ) or next;
        next if _was_unique( $parts, $was );
        $found->{searched}++;
        my ( $values, $rows ) = $self->_search( _repeated_sql( $old->{name}, $parts ) );
        next if !$values;
        push @{ $found->{keys} }, $key;
        $found->{values} += $values;
        $found->{rows} = $rows if $rows > $found->{rows};    # one row may be missing for two keys
    }
    return;
}

# The columns (by lower case name) and unique keys (lists of parts) of a table.
sub _structure {
    my ( $self, $tbl ) = @_;
    my $dbh   = $self->{cxn}->dbh();
    my $where = 'WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?';
    my $rows  = sub { $dbh->selectall_arrayref( $_[0], {}, $tbl->{db}, $tbl->{tbl} ) };
    my %table = ( columns => {}, keys => {} );
    for my $row (
        @{  $rows->(
                'SELECT COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE,'
                    . " COLUMN_DEFAULT, EXTRA FROM INFORMATION_SCHEMA.COLUMNS $where"
            )
        }
        )
    {
        my %column;
        @column{qw(name type charset collation nullable default extra)} = @$row;
        $column{nullable} = $column{nullable} eq 'YES';
        $table{columns}{ lc $column{name} } = \%column;
    }
    for my $row (
        @{  $rows->(
                'SELECT INDEX_NAME, COLUMN_NAME, SUB_PART FROM INFORMATION_SCHEMA.STATISTICS'
                    . " $where AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX"
            )
        }
        )
    {
        push @{ $table{keys}{ $row->[0] } }, { column => $row->[1], prefix => $row->[2] };
    }

    # The tool does not work on tables without a unique key, so none means that they are hidden.
    die "the unique keys of $tbl->{tbl} are not to be seen\n" if !%{ $table{keys} };
    return \%table;
}

# The parts of a unique key of the new table in terms of the old one; undef when no two rows can have
# equal values in it.
sub _old_parts {
    my ( $self, $key, $was, $is ) = @_;
    my $renamed = $self->{renamed} or die "it is not known which columns were renamed\n";
    my %old_name = map { lc $renamed->{$_} => $_ } keys %$renamed;
    my @parts;
    for my $part ( @{ $is->{keys}{$key} } ) {
        die "the unique key $key has an expression\n" if !defined $part->{column};
        my $name = lc $part->{column};
        my $new  = $is->{columns}{$name} or die "the column $name is not to be seen\n";
        my $old  = $was->{columns}{ defined $old_name{$name} ? $old_name{$name} : $name };
        if ( !$old ) {
            return undef if $new->{extra} =~ /auto_increment/i || _is_always_null($new);
            die "the column $name of the unique key $key is new\n";
        }
        push @parts, { old => $old, new => $new, prefix => $part->{prefix} };
    }
    return \@parts;
}

sub _is_always_null {
    my ($column) = @_;
    return
           $column->{nullable}
        && $column->{extra} !~ /GENERATED/i
        && ( !defined $column->{default} || $column->{default} eq 'NULL' );
}

# True when a unique key of the old table, over columns that compare as before, is part of the key.
sub _was_unique {
    my ( $parts, $was ) = @_;
    my %same = map { lc $_->{old}{name} => 1 } grep { !defined $_->{prefix} && _is_unchanged($_) } @$parts;
    for my $key ( values %{ $was->{keys} } ) {
        return 1
            if !grep { !defined $_->{column} || defined $_->{prefix} || !$same{ lc $_->{column} } }
            @$key;
    }
    return 0;
}

sub _is_unchanged {
    my ($part) = @_;
    my ( $old, $new ) = @$part{qw(old new)};
    return 0 if $old->{type} ne $new->{type} || ( $old->{nullable} && !$new->{nullable} );
    return ( $old->{collation} || '' ) eq ( $new->{collation} || '' );
}

# How many values repeat, and how many rows are too many. NULLs are equal only where the new table has
# no NULL and so gets some other value for them.
sub _repeated_sql {
    my ( $table, $parts ) = @_;
    my ( @values, @set );
    for my $part (@$parts) {
        my ( $old, $new ) = @$part{qw(old new)};
        my $value = 'o.' . _quoted( $old->{name} );
        push @set, "$value IS NOT NULL" if $old->{nullable} && $new->{nullable};
        if ( $old->{collation} && $new->{collation} && $old->{collation} ne $new->{collation} ) {
            die "odd collation\n" if grep { !/\A\w+\z/ } @$new{qw(charset collation)};
            $value = "CONVERT($value USING $new->{charset}) COLLATE $new->{collation}";
        }
        $value = "LEFT($value, $part->{prefix})" if defined $part->{prefix};
        push @values, $value;
    }
    return '/*M!100101 SET STATEMENT max_statement_time=0 FOR */ SELECT /*+ MAX_EXECUTION_TIME(0) */'
        . ' COUNT(*), COALESCE(SUM(oscar_n - 1), 0) FROM (SELECT COUNT(*) AS oscar_n'
        . " FROM $table AS o"
        . ( @set ? ' WHERE ' . join( ' AND ', @set ) : '' )
        . ' GROUP BY ' . join( ', ', @values )
        . ' HAVING COUNT(*) > 1) AS oscar_repeated';
}

sub _quoted {
    my ($name) = @_;
    $name =~ s/`/``/g;
    return "`$name`";
}

sub _search {
    my ( $self, $sql ) = @_;
    my $dbh = $self->{cxn}->dbh();
    for my $try ( 1 .. $LOCK_TRIES ) {

        # Nobody writes to the table any more, so a snapshot would only keep the server, for as long
        # as the search takes, from throwing old row versions away. Holds for the next statement only.
        my @row = eval {
            $dbh->do('SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED');
            $self->_patient_row( $dbh, undef, $sql );
        };
        my $error = $@;
        return @row if @row == 2 && !grep { !defined || !/\A\d+\z/ } @row;
        $error ||= "no answer\n";
        die $error
            if $try == $LOCK_TRIES || !_is_lock_error($error);
    }
    return;
}

# The last of the file: a file that was cut off does not have it.
sub _row_check_is_whole { return 1 }

1;
