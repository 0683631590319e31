# Oscar's observer: a pt-online-schema-change --plugin module.
#
# It tells the host what the tool is doing (one `#oscar <mark> {json}` line per event on stdout), carries
# out what the host asks for by files in `control/` beside this module, and ends a run whose table
# somebody else has changed. The events, the control files and the reasons are described in README.md
# in this folder.
#
# Rules for every change:
#   * telemetry never harms the run: whatever is not a requested stop happens inside an eval;
#   * no wait is longer than $NAP seconds without a look at control/stop;
#   * only core Perl modules, because the tool may run in a minimal container;
#   * everything the tool offers only in some versions is looked up at run time.
package pt_online_schema_change_plugin;

use strict;
use warnings;

use Cwd            ();
use File::Basename ();
use Scalar::Util   ();
use Time::HiRes    ();

our $NAP             = 0.2;     # seconds between two looks at the control files while waiting
our $KEEP_ALIVE      = 10;      # seconds between two statements on an idle connection
our $CHUNK_INTERVAL  = 0.2;     # at most five `chunk` events a second
our $LOAD_INTERVAL   = 2;       # seconds between two `load` events
our $THROTTLE_UPDATE = 1;       # seconds between two `throttle` events of one wait
our $OLD_TABLE_KEPT_STATUS = 1; # exit status of a run that would call itself a success
our $STOP_MESSAGE    = "oscar: stopped by request\n";
our $LOCK_TRIES      = 3;       # how often a statement is tried when a lock was in the way
our $OLD_NAMES       = 10;      # so many names for the old table the tool derives from the table's own

# The module is placed in the run directory; a relative --plugin path is resolved here, once.
my $RUN_DIR     = File::Basename::dirname( Cwd::abs_path(__FILE__) );
my $CONTROL_DIR = "$RUN_DIR/control";

# The tool creates one plugin object per process. The wrappers around the tool's own packages and the
# END block have no other way to reach it.
my $observer;

# ------------------------------------------------------------------------------------------------
# Hooks, in the order in which the tool calls them
# ------------------------------------------------------------------------------------------------

sub new {
    my ( $class, %args ) = @_;
    my $self = bless {
        cxn       => $args{cxn},
        aux_cxn   => $args{aux_cxn},
        dry_run   => $args{dry_run} ? 1 : 0,
        stoppable => 1,
        ended     => 0,
        stage     => '',
        tables    => {},
        chunk     => undef,    # the newest progress that was not yet told
        chunks    => 0,
        told_at   => {},       # event name -> when it was last told
        alive_at  => Time::HiRes::time(),
        pid       => $$,
        mark      => _event_mark($RUN_DIR),
    }, $class;

    # A descriptor of our own: one write(2) per event whatever layers and buffers STDOUT has.
    open $self->{out}, '>&', \*STDOUT or $self->{out} = undef;
    binmode $self->{out} if $self->{out};

    $observer = $self;
    eval { _install_wrappers(); 1 } or $self->_warning( 'cannot wrap the tool: ' . $@ );
    _use_bytes($_) for grep { defined } @args{qw(cxn aux_cxn)};
    $self->_emit(
        'hello',
        v       => _number(1),
        tool    => _tool_version(),
        pid     => _number($$),
        dry_run => _bool( $self->{dry_run} ),
    );
    $self->_tell_session();
    $self->_load_row_check();
    return $self;
}

sub init {
    my ( $self, %args ) = @_;
    $self->{orig_tbl} = $args{orig_tbl};
    $self->{renamed}  = $args{renamed_cols};    # old name in lower case => new name
    $self->{has_children} = $args{child_tables} ? 1 : 0;
    $self->_check_stop();
    $self->_note_definition() if !$self->{dry_run};
    return;
}

sub before_create_new_table {
    my ($self) = @_;
    $self->_stage('creating_new_table');
    return;
}

sub after_create_new_table {
    my ( $self, %args ) = @_;
    $self->{new_tbl} = $args{new_tbl};
    $self->_tables( new => eval { $args{new_tbl}{tbl} } );
    $self->_check_stop();
    return;
}

sub before_alter_new_table {
    my ($self) = @_;
    $self->_stage('altering_new_table');
    return;
}

sub after_alter_new_table {
    my ($self) = @_;
    $self->_check_stop();
    return;
}

sub before_create_triggers {
    my ($self) = @_;
    $self->_stage('creating_triggers');
    return;
}

sub after_create_triggers {
    my ($self) = @_;
    $self->_tables( triggers => $self->_find_triggers() );
    $self->_check_stop();
    return;
}

sub before_copy_rows {
    my ($self) = @_;
    return if $self->{dry_run};
    $self->_stage('copying_data');
    $self->_note_copied_table();
    eval { $self->_estimate(); $self->_watch_progress(); 1 }
        or $self->_warning( 'no exact progress: ' . $@ );
    $self->_gate();
    return;
}

# Only 3.6 and later call this. It also sees the chunks whose rows the triggers had all copied before.
sub on_copy_rows_after_nibble {
    my ($self) = @_;
    $self->_gate();
    return;
}

# The last moment at which the tool can still undo everything: 3.7 rewrites foreign keys before it
# calls before_swap_tables, 3.2 after, so the cut-over is held here in both.
sub after_copy_rows {
    my ($self) = @_;
    return if $self->{dry_run};
    $self->_tell_chunk();
    $self->_emit('copied');
    $self->_verify_definition();    # a run that is lost already should not be held, nor count
    do {
        $self->_gate();
        $self->_hold();
        $self->_verify_rows() if $self->{row_check};    # last of all: what comes later is not seen
    } while $self->{row_check} && ( _requested('hold-cutover') || _requested('pause') );
    $self->_verify_definition();
    $self->_check_stop();
    $self->{stoppable} = 0;
    return;
}

sub before_update_foreign_keys {
    my ($self) = @_;
    $self->{foreign_keys_told} = 1;
    $self->_stage('swapping_tables');
    $self->_tell_swapping() if !$self->_option( 'swap-tables', 1 );    # drop_swap: this is the swap
    return;
}

sub before_swap_tables {
    my ($self) = @_;
    $self->{stoppable} = 0;
    return if !$self->_option( 'swap-tables', 1 );
    $self->_stage('swapping_tables');
    $self->_tell_swapping();
    return;
}

sub after_swap_tables {
    my ( $self, %args ) = @_;
    my $old = $self->{dry_run} ? undef : eval { $args{old_tbl}{tbl} };
    $self->_emit( 'swapped', old => $old ) if defined $old;
    $self->_tables( old => $old );
    $self->_refuse_late_stop();
    $self->_verify_old_table( $args{old_tbl} ) if defined $old;
    $self->_after_swap( $args{old_tbl} ) if $self->{row_check} && !$self->{dry_run};
    return;
}

sub after_update_foreign_keys {
    my ($self) = @_;
    $self->_emit('swapped') if !$self->{dry_run} && !$self->_option( 'swap-tables', 1 );
    $self->_search_old_table() if $self->{row_check};
    return;
}

sub before_drop_old_table {
    my ($self) = @_;
    $self->_stage('dropping_old_table');
    return;
}

sub before_drop_triggers {
    my ( $self, %args ) = @_;
    $self->{stoppable} = 0;
    $self->_refuse_late_stop();
    return if !$args{oktorun} || !$args{drop_triggers};    # interrupted: the tool leaves them
    $self->_stage( 'dropping_triggers',
        cleanup => _bool( !eval { $self->{orig_tbl}{success} } ) );
    return;
}

sub before_exit {
    my ( $self, %args ) = @_;
    my $status = $args{exit_status} || ( $self->{old_table_kept} ? $OLD_TABLE_KEPT_STATUS : 0 );
    $self->_stage('done') if !$status;
    $self->_end( $status == 0, exit_status => _number($status) );
    return;
}

# The tool leaves by die or exit on every failure, without calling before_exit.
END {
    if ( $observer && $observer->{pid} == $$ ) {
        my $status = $?;    # `local $?` in an END block turns every failure into exit status 0
        $status ||= $OLD_TABLE_KEPT_STATUS if $observer->{old_table_kept};
        $observer->_tell_chunk();
        $observer->_end( 0, exit_status => _number($status) );
        $? = $status;
    }
}

# The check of rows is a file of its own beside this one, for the runs that need it. A run that needs
# it and cannot have it must not begin. Asked once: a folder that somebody clears must not end the care.
sub _load_row_check {
    my ($self) = @_;
    my $file = "$RUN_DIR/row_check.pm";
    return if !-e $file;
    my $ok = eval { require $file; 1 };
    my $reason = $ok ? 'it is not whole' : $@;
    $self->{row_check} = $ok && eval { $self->can('_row_check_is_whole') };
    return if $self->{row_check};
    $self->_refuse( 'cannot load the check of rows, so nothing begins: ' . $reason );
}

# ------------------------------------------------------------------------------------------------
# Control files
# ------------------------------------------------------------------------------------------------

# Everything the host may have asked for between two chunks. Returns when the copy may go on.
sub _gate {
    my ($self) = @_;
    $self->_tell_session();
    $self->_apply_chunk_time();
    $self->_check_stop();
    return if !_requested('pause');

    my $since = Time::HiRes::time();
    $self->_tell_chunk();
    $self->_emit('paused');
    $self->_wait_while( sub { _requested('pause') } );
    $self->_emit( 'resumed', seconds => _seconds( Time::HiRes::time() - $since ) );
    return;
}

# Holds the cut-over; the triggers keep the new table current meanwhile.
sub _hold {
    my ($self) = @_;
    return if !_requested('hold-cutover');

    my $since = Time::HiRes::time();
    $self->_emit('hold');
    $self->_wait_while( sub { _requested('hold-cutover') || _requested('pause') } );
    $self->_emit( 'released', seconds => _seconds( Time::HiRes::time() - $since ) );
    return;
}

sub _wait_while {
    my ( $self, $condition ) = @_;
    while ( $condition->() ) {
        $self->_check_stop();
        $self->_apply_chunk_time();
        $self->_keep_alive(qw(cxn aux_cxn));
        _nap($NAP);
    }
    $self->_check_stop();
    return;
}

# Dies when the host asked for a stop and the tool can still undo what it did. The tool then drops its
# triggers and the new table itself; a signal would make it leave them.
sub _check_stop {
    my ($self) = @_;
    return if !$self->{stoppable} || !_requested('stop');
    $self->{stopped} = 1;
    $self->_tell_chunk();
    $self->_emit('stopping') if !$self->{told_at}{stopping};
    $self->_die_and_undo($STOP_MESSAGE);
}

sub _die_and_undo {
    my ( $self, $message ) = @_;

    # After the copy the tool would keep the new table, taking any death for a failed swap.
    eval { $self->{orig_tbl}{copied} = 0 if $self->{orig_tbl}; 1 };
    die $message;
}

# The observer's own verdict. As an event too: whatever the tool prints may hold what somebody has
# written into a table, so the host does not believe text.
sub _refuse {
    my ( $self, $message ) = @_;
    my $text = $self->_tell_refusal($message);

    # The tool puts words before ours; they should begin a line.
    $self->_die_and_undo("\n$text\n");
}

sub _tell_refusal {
    my ( $self, $message ) = @_;
    $message =~ s/\s+/ /g;
    $message =~ s/ \z//;
    my $text = "oscar: $message";
    utf8::decode($text) if !utf8::is_utf8($text);
    $text = substr $text, 0, 600;
    $self->_emit( 'refused', text => $text );
    utf8::encode($text);
    return $text;
}

sub _refuse_late_stop {
    my ($self) = @_;
    return if $self->{stopped} || $self->{told_at}{stop_refused} || !_requested('stop');
    $self->_emit( 'stop_refused', stage => $self->{stage} );
    return;
}

# Changes the time a chunk should take. Without --chunk-time the tool leaves the chunk size alone, so
# _follow_chunk_time then does what the tool would do.
sub _apply_chunk_time {
    my ($self) = @_;
    my $rate = eval { $self->{orig_tbl}{rate} } or return;
    my $wanted = _chunk_time_file();
    $wanted = $self->{own_chunk_time} if !defined $wanted;
    return if !defined $wanted || $wanted == $rate->{target_t};

    $rate->{target_t} = $wanted;
    $self->_emit( 'chunk_time', value => _seconds($wanted) );
    return;
}

sub _follow_chunk_time {
    my ($self) = @_;
    my $tbl = $self->{orig_tbl};
    return if $self->{own_chunk_time} || !$tbl->{rate}{target_t} || !$self->{nibble_iterator};
    return if !$tbl->{row_cnt} || !$tbl->{nibble_time};

    my $size = $tbl->{rate}->update( $tbl->{row_cnt}, $tbl->{nibble_time} );
    $tbl->{chunk_size} = $size < 1 ? 1 : $size;
    $self->{nibble_iterator}->set_chunk_size( $tbl->{chunk_size} );
    return;
}

# The number in control/chunk-time; undef when there is none or it makes no sense.
sub _chunk_time_file {
    open my $file, '<', "$CONTROL_DIR/chunk-time" or return undef;
    my $text = <$file>;
    close $file;
    return undef if !defined $text || $text !~ /\A\s*(\d{1,6}(?:\.\d{1,6})?)\s*\z/;
    my $seconds = $1 + 0;
    return $seconds > 0 ? $seconds : undef;
}

sub _requested { return -e "$CONTROL_DIR/$_[0]" }

# A pause may last longer than the server's wait_timeout.
sub _keep_alive {
    my ( $self, @names ) = @_;
    my $now = Time::HiRes::time();
    return if $now - $self->{alive_at} < $KEEP_ALIVE;
    $self->{alive_at} = $now;
    for my $name (@names) {
        my $cxn = $self->{$name} or next;
        eval { $cxn->dbh()->do('SELECT 1'); 1 }
            or $self->_warning("keep-alive failed on $name");
    }
    return;
}

# select() rather than sleep: `sleep` of the tool's package is replaced below.
sub _nap {
    my ($seconds) = @_;
    select undef, undef, undef, $seconds;
    return;
}

# ------------------------------------------------------------------------------------------------
# Progress
# ------------------------------------------------------------------------------------------------

sub _estimate {
    my ($self) = @_;
    my $tbl      = $self->{orig_tbl};
    my $iterator = $self->{nibble_iterator};
    $self->{own_chunk_time} = eval { $tbl->{rate}{target_t} } || 0;

    my $rows = eval { $iterator->row_estimate() };
    $rows = eval { $tbl->{progress}{jobsize} } if !defined $rows;
    $self->_emit(
        'estimate',
        rows       => _number($rows),
        one_chunk  => _bool( eval { $iterator->one_nibble() } ),
        chunk_time => _seconds( $self->{own_chunk_time} ),
    );
    return;
}

# The tool calls $orig_tbl->{progress}->update after every chunk that copied rows, with code that
# gives the rows copied so far. It has no such object when it would print nothing itself.
sub _watch_progress {
    my ($self) = @_;
    my $tbl = $self->{orig_tbl} or die "no table\n";
    $tbl->{progress} = bless { inner => $tbl->{progress}, observer => $self },
        'pt_online_schema_change_plugin::Progress';
    return;
}

sub _chunk_done {
    my ( $self, $rows ) = @_;
    my $tbl = $self->{orig_tbl};
    $self->{alive_at} = Time::HiRes::time();
    $self->_follow_chunk_time();
    $self->{chunk} = {
        rows   => $rows,
        size   => $tbl->{chunk_size},
        time   => $tbl->{nibble_time},
        chunks => ++$self->{chunks},
    };
    $self->_tell_chunk() if $self->_due( 'chunk', $CHUNK_INTERVAL );
    return;
}

sub _tell_chunk {
    my ($self) = @_;
    my $chunk = delete $self->{chunk} or return;
    $self->_emit(
        'chunk',
        rows   => _number( $chunk->{rows} ),
        size   => _number( $chunk->{size} ),
        time   => _seconds( $chunk->{time} ),
        chunks => _number( $chunk->{chunks} ),
    );
    return;
}

# ------------------------------------------------------------------------------------------------
# Waits of the tool: load, replicas, flow control, lock retries
# ------------------------------------------------------------------------------------------------

# The tool has no hooks for its waits, so the classes that wait are wrapped in the tool's own process.
# The sources of 3.2.1 and 3.7.1 were read; where a class or method is absent nothing is wrapped.
sub _install_wrappers {
    _wrap( 'NibbleIterator::new', sub {
        my ( $original, @args ) = @_;
        my $iterator = $original->(@args);
        $observer->{options}         = eval { $iterator->{OptionParser} };
        $observer->{nibble_iterator} = $iterator;
        Scalar::Util::weaken( $observer->{nibble_iterator} );    # the tool decides when it ends
        return $iterator;
    } );
    _wrap( 'Cxn::set_dbh', sub {
        my ( $original, $cxn, @args ) = @_;
        my $dbh = $original->( $cxn, @args );
        _use_bytes($cxn);
        $observer->_tell_session();
        return $dbh;
    } );
    _wrap( 'ReplicaLagWaiter::wait',  \&_wait_for_replicas );
    _wrap( 'MySQLStatusWaiter::wait', \&_wait_for_load );
    _wrap( 'FlowControlWaiter::wait', \&_wait_for_flow_control );
    _wrap( 'Retry::retry',            \&_retry );
    # Every wait of the tool's main package ends in this function: --check-interval, --sleep, retries.
    _wrap( 'pt_online_schema_change::sleep', \&_sleep_in_slices );
    return;
}

sub _wrap {
    my ( $name, $wrapper ) = @_;
    no strict 'refs';
    no warnings qw(redefine prototype);
    return if !defined &{$name};
    my $original = \&{$name};
    *{$name} = sub { return $wrapper->( $original, @_ ) };
    return;
}

# With a UTF-8 connection the tool gets names from the server as characters, but has those of its
# command line as bytes; the two never compare equal, so a table with a Chinese name "does not exist".
# Bytes on both sides are equal, and right on output too once no layer encodes them a second time.
sub _use_bytes {
    my ($cxn) = @_;
    eval {
        my $dbh = $cxn->dbh() or return;
        $dbh->{mysql_enable_utf8}    = 0;
        $dbh->{mysql_enable_utf8mb4} = 0;
        binmode STDOUT;
        binmode STDERR;
        1;
    };
    return;
}

sub _sleep_in_slices {
    my ( $original, $seconds ) = @_;
    my $begin = Time::HiRes::time();
    my $end   = $begin + ( $seconds || 0 );
    while ( ( my $left = $end - Time::HiRes::time() ) > 0 ) {
        $observer->{orig_tbl} && $observer->{stage} eq 'copying_data'
            ? $observer->_gate()
            : $observer->_check_stop();
        _nap( $left < $NAP ? $left : $NAP );
    }
    return Time::HiRes::time() - $begin;
}

sub _wait_for_replicas {
    my ( $original, $waiter, @args ) = @_;
    my $max      = $waiter->{max_lag};
    my $describe = sub {
        my ( $cxn, $lag ) = @_;
        my $host = eval { $cxn->name() } || 'unknown';
        return ( 'replica_stopped', { host => $host }, "replica $host: replication is stopped" )
            if !defined $lag;
        return (
            'replica_lag',
            { host => $host, lag => _number($lag), max => _number($max) },
            "replica $host: lag $lag s > $max s"
        );
    };
    my $ok = eval { $observer->_throttled( $original, $waiter, $describe, @args ); 1 };
    # 3.7 swallows every error of this wait, so a stop is left to _wait_for_load, which always follows.
    die $@ if !$ok && !$observer->{stopped};
    return;
}

sub _wait_for_load {
    my ( $original, $waiter, @args ) = @_;
    $observer->_gate();
    my %value;
    my $limit      = $waiter->{max_val_for} || {};
    my $get_status = $waiter->{get_status};
    local $waiter->{get_status} = sub {
        my ( $variable, @rest ) = @_;
        return $value{$variable} = $get_status->( $variable, @rest );
    };
    my $describe = sub {
        my @high = grep { defined $value{$_} && $value{$_} >= $limit->{$_} } sort keys %$limit;
        return ( 'load', { values => _load_values( $limit, \%value, @high ) },
            'load: ' . join ', ', map { "$_ = $value{$_} >= $limit->{$_}" } @high );
    };
    my $ok = eval { $observer->_throttled( $original, $waiter, $describe, @args ); 1 };
    my $error = $@;
    if ( $observer->_due( 'load', $LOAD_INTERVAL ) && %value ) {
        $observer->_emit( 'load',
            values => _load_values( $limit, \%value, sort keys %$limit ) );
    }
    return if $ok;
    $observer->_critical( $waiter, \%value ) if $error =~ /exceeds its critical threshold/;
    die $error;
}

sub _wait_for_flow_control {
    my ( $original, $waiter, @args ) = @_;
    my $describe = sub {
        return ( 'flow_control', { max => _number( $waiter->{max_flow_ctl} ) },
            'flow control of the cluster is active' );
    };
    $observer->_throttled( $original, $waiter, $describe, @args );
    return;
}

# Calls the tool's wait. That wait calls the waiter's `sleep` only while something is too high, which
# is how we learn of it; `describe` gets the arguments of that call.
sub _throttled {
    my ( $self, $original, $waiter, $describe, @args ) = @_;
    my ( $since, $told_at, $kind );
    my $sleep = $waiter->{sleep};
    local $waiter->{sleep} = sub {
        my @sleep_args = @_;
        my $now = Time::HiRes::time();
        $since = $now if !$since;
        if ( !$told_at || $now - $told_at >= $THROTTLE_UPDATE ) {
            $told_at = $now;
            eval {
                my ( $what, $detail, $text ) = $describe->(@sleep_args);
                $kind = $what;
                $self->_emit( 'throttle', kind => $what, detail => $detail, text => $text );
                1;
            };
        }
        $self->{alive_at} = $now;    # the tool's own sleep keeps the main connection alive
        return $sleep->(@sleep_args);
    };
    my $ok = eval { $original->( $waiter, @args ); 1 };
    my $error = $@;
    $self->_emit(
        'throttle_end',
        kind    => $kind,
        seconds => _seconds( Time::HiRes::time() - $since )
    ) if $since;
    die $error if !$ok;
    return;
}

sub _critical {
    my ( $self, $waiter, $value ) = @_;
    my $limit = $waiter->{critical_val_for} || {};
    my @over  = grep { defined $value->{$_} && $value->{$_} >= $limit->{$_} } sort keys %$limit;
    $self->_emit( 'critical_load', values => _load_values( $limit, $value, @over ) );
    return;
}

sub _load_values {
    my ( $limit, $value, @variables ) = @_;
    return [
        map {
            {   variable => $_,
                value    => _number( $value->{$_} ),
                limit    => _number( $limit->{$_} )
            }
        } @variables
    ];
}

# Statements that wait for a metadata or row lock are tried again by the tool in silence.
sub _retry {
    my ( $original, $retry, %args ) = @_;
    if ( my $fail = $args{fail} ) {
        $args{fail} = sub {
            my (%failure) = @_;
            my $again = $fail->(%failure);
            $observer->_emit(
                'retry',
                reason   => _error_word( $failure{error} ),
                attempt  => _number( $failure{tryno} ),
                attempts => _number( $args{tries} ),
                stage    => $observer->{stage},
            ) if $again;
            return $again;
        };
    }
    return $original->( $retry, %args ) if $observer->{stage} ne 'creating_triggers';

    # 3.7 takes an error in this stage for an interruption and would leave the new table behind. So a
    # stop passes the rest of the stage over; after_create_triggers then lets the tool undo it all.
    return if $observer->{stopped};
    my $result = eval { $original->( $retry, %args ) };
    die $@ if $@ && !$observer->{stopped};
    return $result;
}

sub _is_lock_error { return _error_word( $_[0] ) =~ /\A(?:lock_wait_timeout|deadlock)\z/ }

# A word instead of the text: the text holds the statement and its values.
sub _error_word {
    my ($error) = @_;
    $error = '' if !defined $error;
    return
          $error =~ /Lock wait timeout/i                    ? 'lock_wait_timeout'
        : $error =~ /Deadlock found|WSREP detected/i        ? 'deadlock'
        : $error =~ /execution was interrupted/i            ? 'interrupted'
        : $error =~ /gone away|Lost connection|Server shutdown/i ? 'lost_connection'
        :                                                     'other';
}

# ------------------------------------------------------------------------------------------------
# Stands in the place of the tool's own progress object
# ------------------------------------------------------------------------------------------------
package pt_online_schema_change_plugin::Progress;

sub update {
    my ( $self, $code, @args ) = @_;
    my $observer = $self->{observer};
    eval { $observer->_chunk_done( $code->() ); 1 };
    $self->{inner}->update( $code, @args ) if $self->{inner};
    $observer->_gate();
    return;
}

1;
