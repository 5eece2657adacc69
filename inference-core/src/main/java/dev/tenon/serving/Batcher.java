package dev.tenon.serving;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.batch.Deadlines;
import dev.tenon.batch.Engine;
import dev.tenon.batch.JoinMemory;
import dev.tenon.batch.RowGroup;
import dev.tenon.batch.RowShape;
import dev.tenon.batch.Rows;
import dev.tenon.batch.Timed;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.exec.StackRoom;
import dev.tenon.serving.Admission.Learned;
import dev.tenon.serving.Request.Arrival;
import dev.tenon.serving.Request.Batch;
import dev.tenon.tensor.Datum;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Takes calls from any number of threads, virtual ones too, and runs as many of them at a time as the machine has room
 * for. Calls that wait are merged into batches, where the model allows it. It gives each call a deadline, a lane and a
 * way to be cancelled, and refuses calls when too much waits.
 *
 * <p><b>Threads.</b> There is no pool. A call that finds a free slot runs on the thread of its caller, at once and alone:
 * an idle batcher delays nothing. Otherwise it waits. When a slot becomes free, one of the callers that wait leads: it
 * runs a batch with its own call in it, and the others of the batch get their outputs from it. A thread that has ended a
 * run goes on with batches of a few microseconds for at most about 60 microseconds, instead of waking another one: this
 * holds its caller so long. One daemon thread of the process ends calls whose deadline has passed.
 *
 * <p><b>Results</b> have the bits of {@link Session#predict(Map)}, whatever calls run together, unless
 * {@link BatchOptions#withinNumerics} says otherwise. When a batcher is made, it proves with samples that rows have the
 * same bits in batches of 2, 3, 8 and the most rows. Later, rows of another shape or number are computed together and
 * alone once, and compared, before their results are used together; a shape whose rows differ is never merged again.
 *
 * <p><b>Failures.</b> A call is checked before it waits. If a batch fails, it is halved until the calls that fail stand
 * alone; the others do not notice. A call whose caller has gone leaves its batch, and a batch without callers stops
 * before its next step. A thread whose stack has no room for a call gets a typed exception, and takes no slot. A caller that
 * leads a batch is held until the batch ends, even if its own deadline passes; it
 * then gets the exception. The caller with the latest deadline leads.
 *
 * <pre>{@code
 * Batcher batcher = Batcher.of(session, BatchOptions.standard());
 * Outputs y = batcher.predict(inputs, Call.standard().within(Duration.ofMillis(20)).lane(tenant));
 * }</pre>
 */
public final class Batcher {
    /** Above this number of shapes, what was learned about them is forgotten. */
    private static final int MAX_GROUPS = 4096;

    private final String name;
    private final Engine engine;
    private final Model model;
    /** Null if nothing is merged. */
    private final Rows rows;

    private final BatchOptions options;
    private final int slots;
    private final Deadlines deadlines;
    private final Reports reports;
    private final Map<RowShape, RowGroup> groups = new ConcurrentHashMap<>();
    /** Memory for the inputs of batches: as much as batches ran at the same time. */
    private final Queue<JoinMemory> memories = new ConcurrentLinkedQueue<>();
    /** The group of the last call that waited; it learns from calls that do not wait, too. */
    private volatile RowGroup recent;

    private final Admission admission;
    private final Leaders leaders;
    private final Endings endings;

    /** Ends a call that runs alone: it was cancelled, or its deadline has passed. */
    private static final class Stop implements BooleanSupplier {
        private final Call call;
        private final long deadline;
        private final Deadlines deadlines;

        /** A condition for a call that was made at a time of the clock of the deadlines. */
        private Stop(Call call, long start, Deadlines deadlines) {
            this.call = call;
            this.deadline = start + call.nanos();
            this.deadlines = deadlines;
        }

        private boolean isPastDeadline() {
            return call.hasDeadline() && deadlines.now() - deadline >= 0;
        }

        private boolean isCancelled() {
            return call.cancellation() != null && call.cancellation().isCancelled();
        }

        @Override
        public boolean getAsBoolean() {
            return isCancelled() || isPastDeadline();
        }
    }

    /** The parts of a batcher: {@code rows} is null if nothing is merged, {@code model} if the engine of a test has none. */
    record Parts(
            String name, Engine engine, Model model, Rows rows, BatchOptions options, int slots, Deadlines deadlines) {}

    Batcher(Parts parts) {
        // Loads what a call at the end of a stack needs.
        StackRoom.requireForServing();
        this.name = parts.name();
        this.engine = parts.engine();
        this.model = parts.model();
        this.rows = parts.options().maxRows() == 1 ? null : parts.rows();
        this.options = parts.options();
        this.slots = parts.slots();
        this.deadlines = parts.deadlines();
        boolean toTheBit = rows == null || !options.isWithinNumerics();
        this.reports = new Reports(name, new Listeners(options.listeners()), toTheBit);
        this.admission = new Admission(options, slots, deadlines);
        this.leaders = new Leaders(this, admission, deadlines);
        this.endings = new Endings(this, admission, deadlines, leaders::execute);
    }

    /**
     * A batcher for a session. With {@link BatchOptions#maxRows} above 1 this runs samples to prove that the model is
     * batchable, which takes about as long as twice the largest batch.
     *
     * @param session computes the calls
     * @param options how calls are merged, and how many may wait
     * @return the batcher, to be kept and shared
     * @throws NotBatchableException if rows of several calls can't be computed together
     * @throws dev.tenon.error.InvalidOptionException if the options do not go together
     * @throws dev.tenon.error.ResourceLimitException if there is not enough memory for the samples, or for the most rows
     */
    public static Batcher of(Session session, BatchOptions options) {
        int threads = Math.max(1, session.options().threads());
        int free = Math.max(1, SessionOptions.standard().threads() / threads);
        String name = options.name().isEmpty() ? session.model().graph().name() : options.name();
        Engine engine = Engine.of(session);
        Rows rows = options.maxRows() == 1 ? null : BatchProof.rows(session.model(), options);
        Batcher batcher = new Batcher(new Parts(
                name,
                engine,
                session.model(),
                rows,
                options,
                options.slots() == 0 ? free : options.slots(),
                Deadlines.SHARED));
        if (rows != null) {
            new BatchProof(session.model(), engine, rows, options).prove(batcher::group);
        }
        return batcher;
    }

    /**
     * Predicts, without deadline.
     *
     * @param inputs as for {@link Session#predict(Map)}
     * @return all outputs, which belong to the caller
     * @throws OverloadedException if too much waits
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Outputs predict(Map<String, ? extends Datum> inputs) {
        try {
            return predict(inputs, Call.standard());
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Predicts.
     *
     * @param inputs as for {@link Session#predict(Map)}; they must not change before this returns
     * @param call the deadline, lane and cancellation of the call
     * @return all outputs, which belong to the caller
     * @throws OverloadedException if too much waits, or the call could not end before its deadline
     * @throws DeadlineExceededException if the deadline passes
     * @throws CancelledPredictionException if the call is cancelled
     * @throws InterruptedPredictionException if the thread is interrupted; it stays interrupted
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Outputs predict(Map<String, ? extends Datum> inputs, Call call) {
        try {
            Objects.requireNonNull(inputs, "inputs");
            Objects.requireNonNull(call, "call");
            // Nothing is taken before it is known that it can be given back.
            StackRoom.requireForServing();
            long start = now();
            return admission.takeIdleSlot() ? alone(inputs, call, start) : waitFor(inputs, call, start);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Predicts without holding the caller. A batch in which no caller waits runs on the threads of
     * {@link BatchOptions#executor}.
     *
     * @param inputs as for {@link Session#predict(Map)}; they must not change before the future is complete
     * @param call the deadline, lane and cancellation of the call
     * @return the outputs. The future fails with the exceptions of {@link #predict(Map, Call)}. Cancelling it ends the
     *     call, and so does completing it. Actions that depend on it before the call ends run on the threads of
     *     {@link BatchOptions#executor}; those that are added later run on the thread that adds them, or on the one that
     *     just completes it. Small outputs are copied when they are read first; until then they keep those of the calls
     *     that ran with this one, 16 KiB at most
     */
    public CompletableFuture<Outputs> submit(Map<String, ? extends Datum> inputs, Call call) {
        try {
            Objects.requireNonNull(inputs, "inputs");
            Objects.requireNonNull(call, "call");
            StackRoom.requireForServing();
            return submit(inputs, call, null);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /** Predicts as above. The watcher is told how the call ends, unless its user ends it; null for none. */
    CompletableFuture<Outputs> submit(Map<String, ? extends Datum> inputs, Call call, Request.Watcher watcher) {
        Arrival arrival;
        try {
            arrival = checked(inputs, call, now());
        } catch (RuntimeException e) {
            if (watcher != null) {
                watcher.ended(null, e);
            }
            return CompletableFuture.failedFuture(e);
        }
        // Made one after the other: the thread that runs the batch finds both in few lines of its cache.
        Request.Pending future = watcher == null ? new Request.Pending() : new Request.WatchedPending(watcher);
        Request r = new Request(this, arrival, null, future);
        try {
            if (enqueue(r) && options.onFull() == BatchOptions.OnFull.BLOCK) {
                admission.awaitRoom(r);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            endings.withdraw(r, Outcome.cancelled(interrupted()));
        } catch (RuntimeException e) {
            future.ending(null, e);
            future.completeExceptionally(e);
        }
        return future;
    }

    /** {@return the name in messages, events and reports} */
    public String name() {
        return name;
    }

    /** {@return the options that this batcher was made with} */
    public BatchOptions options() {
        return options;
    }

    /** {@return how many runs may go on at the same time} */
    public int slots() {
        return slots;
    }

    /** {@return what this batcher has done, and does now} */
    public BatchStatistics statistics() {
        return reports.snapshot(admission.queuedRows(), admission.busy());
    }

    Engine engine() {
        return engine;
    }

    Model model() {
        return model;
    }

    Rows rows() {
        return rows;
    }

    Reports reports() {
        return reports;
    }

    Endings endings() {
        return endings;
    }

    long now() {
        return deadlines.now();
    }

    /** Memory for the inputs of a batch, to be given back. */
    JoinMemory takeMemory() {
        JoinMemory memory = memories.poll();
        return memory == null ? new JoinMemory() : memory;
    }

    void giveBack(JoinMemory memory) {
        memories.add(memory);
    }

    /** Whether a slot is free and nothing waits. */
    boolean isIdle() {
        return admission.isIdle();
    }

    /** Runs a call for which a slot was taken on this thread, and frees the slot. */
    private Outputs alone(Map<String, ? extends Datum> inputs, Call call, long start) {
        Stop stop = call.hasDeadline() || call.cancellation() != null ? new Stop(call, start, deadlines) : null;
        PredictionListener.Outcome outcome = PredictionListener.Outcome.FAILED;
        int count = 1;
        boolean runs = true;
        Learned learned = null;
        long begin = now();
        try {
            int found = rows == null ? 1 : rows.count(inputs);
            count = Math.max(1, found);
            Outputs outputs = engine.run(inputs, stop);
            long end = now();
            if (stop != null && stop.isPastDeadline()) {
                outcome = PredictionListener.Outcome.EXPIRED_RUNNING;
                throw new DeadlineExceededException(name, DeadlineExceededException.Phase.RUNNING, call.nanos());
            }
            outcome = PredictionListener.Outcome.DONE;
            learned = learned(inputs, found, end - begin);
            return outputs;
        } catch (InterruptedPredictionException e) {
            Outcome reason = Thread.currentThread().isInterrupted() ? Outcome.cancelled(e) : stopped(stop, call);
            outcome = reason == null ? outcome : reason.kind();
            throw reason == null ? e : (RuntimeException) reason.failure();
        } catch (InvalidInputException e) {
            runs = !isRefused(inputs);
            throw e;
        } finally {
            long nanos = learned == null ? now() - begin : learned.nanos();
            long end = begin + nanos;
            Leaders.Turn turn = Leaders.ofCaller(end);
            Batch own = leaders.startOthers(admission.release(learned, end), turn, true, end);
            try {
                reports.call(
                        new PredictionListener.CallReport(name, call.lane(), count, begin - start, nanos, outcome));
                if (runs) {
                    reports.run(1, count, nanos, admission);
                }
            } finally {
                leaders.goOn(own, turn);
            }
        }
    }

    /** Whether inputs do not fit the model: then it did not run. */
    private boolean isRefused(Map<String, ? extends Datum> inputs) {
        try {
            engine.check(inputs);
            return false;
        } catch (InvalidInputException e) {
            return true;
        }
    }

    private Outcome stopped(Stop stop, Call call) {
        if (stop == null) {
            return null;
        }
        if (stop.isCancelled()) {
            return endings.cancelled();
        }
        return stop.isPastDeadline()
                ? Outcome.expired(
                        new DeadlineExceededException(name, DeadlineExceededException.Phase.RUNNING, call.nanos()))
                : null;
    }

    private Learned learned(Map<String, ? extends Datum> inputs, int count, long nanos) {
        RowGroup group = recent;
        if (count <= 0) {
            return null;
        }
        return new Learned(
                rows != null && group != null && rows.matches(group.shape, inputs) ? group : null, count, nanos);
    }

    /** Checks a call before it waits. One that does not fit the model counts as failed, as if it had found a free slot. */
    private Arrival checked(Map<String, ? extends Datum> inputs, Call call, long start) {
        try {
            return arrive(inputs, call, start);
        } catch (InvalidInputException e) {
            reports.call(new PredictionListener.CallReport(
                    name, call.lane(), 1, 0, now() - start, PredictionListener.Outcome.FAILED));
            throw e;
        }
    }

    private Arrival arrive(Map<String, ? extends Datum> inputs, Call call, long start) {
        engine.check(inputs);
        int count = rows == null ? -1 : rows.count(inputs);
        RowGroup group = count < 0 || count >= options.maxRows() ? null : group(inputs);
        // Most calls have the shapes of the one before: all threads read this, so it is written seldom.
        if (group != null && !group.equals(recent)) {
            recent = group;
        }
        return new Arrival(inputs, call, start, rows == null ? 1 : Math.max(1, count), group);
    }

    /** The group of the shapes of a call that has rows. */
    RowGroup group(Map<String, ? extends Datum> inputs) {
        RowGroup last = recent;
        if (last != null && rows.matches(last.shape, inputs)) {
            return last;
        }
        if (groups.size() >= MAX_GROUPS) {
            groups.clear();
        }
        return groups.computeIfAbsent(rows.shape(inputs), shape -> new RowGroup(shape, !options.isWithinNumerics()));
    }

    /** Computes calls on this thread, without queue and slots: those of equal shapes together, as far as rows fit. */
    List<Outcome> compute(List<? extends Map<String, ? extends Datum>> calls) {
        List<Request> requests = new ArrayList<>(calls.size());
        Outcome[] outcomes = new Outcome[calls.size()];
        Map<RowGroup, List<Request>> waiting = new IdentityHashMap<>();
        for (int i = 0; i < outcomes.length; i++) {
            Request r = null;
            try {
                r = new Request(this, arrive(calls.get(i), Call.standard(), now()), null, null);
            } catch (RuntimeException e) {
                outcomes[i] = Outcome.failed(e);
            }
            requests.add(r);
            if (r != null) {
                List<Request> mates = waiting.computeIfAbsent(r.group, g -> new ArrayList<>());
                mates.add(r);
                if (r.group == null || Batch.rows(mates) >= options.maxRows()) {
                    compute(r.group, waiting.remove(r.group));
                }
            }
        }
        waiting.forEach(this::compute);
        for (int i = 0; i < outcomes.length; i++) {
            outcomes[i] = requests.get(i) == null ? outcomes[i] : taken(requests.get(i));
        }
        return List.of(outcomes);
    }

    /** The outcome of a call, which does not keep the outputs of others. */
    private static Outcome taken(Request r) {
        Outcome outcome = (Outcome) r.state();
        if (outcome.failure() != null) {
            return outcome;
        }
        try {
            return Outcome.done(r.outputs());
        } catch (RuntimeException e) {
            return Outcome.failed(e);
        }
    }

    private void compute(RowGroup group, List<Request> members) {
        long begin = now();
        BatchRun run = new BatchRun(this, group, members.size(), begin);
        run.run(members, true);
        run.handOut();
        if (run.interrupted() != null) {
            throw run.interrupted();
        }
        endings.failed(members, run.broken());
        reports.run(members.size(), Batch.rows(members), run.ended() - begin, admission);
    }

    private Outputs waitFor(Map<String, ? extends Datum> inputs, Call call, long start) {
        Arrival arrival = checked(inputs, call, start);
        if (admission.takeIdleSlot()) {
            return alone(inputs, call, start);
        }
        Request r = new Request(this, arrival, Thread.currentThread(), null);
        try {
            enqueue(r);
        } catch (RuntimeException | Error e) {
            // A request whose caller has gone must not be chosen to lead. One that leads by now goes on.
            endings.withdraw(r, Outcome.broken(name, e));
        }
        while (true) {
            Object state = r.state();
            if (state instanceof Batch batch) {
                leaders.lead(batch, r);
            } else if (state instanceof Outcome) {
                return r.outputs();
            } else if (Thread.currentThread().isInterrupted()) {
                endings.withdraw(r, Outcome.cancelled(interrupted()));
            } else {
                LockSupport.park(this);
            }
        }
    }

    private InterruptedPredictionException interrupted() {
        return new InterruptedPredictionException(
                name,
                "the thread was interrupted while the call waited",
                null,
                "clear the interrupt and predict again");
    }

    /** Lets a request wait, or run at once if a slot is free. Returns false if it is refused. */
    private boolean enqueue(Request r) {
        if (r.isCancelled()) {
            endings.withdraw(r, endings.cancelled());
            return false;
        }
        Admission.Verdict verdict = admission.admit(r);
        if (verdict.crowdedOut() != null) {
            endings.refuse(verdict.crowdedOut(), "the queue is full, and its lane has more calls in it than others");
        }
        if (verdict.refusal() != null) {
            endings.refuse(r, verdict.refusal());
            return false;
        }
        if (verdict.held() != null) {
            deadlines.add(new Timed(verdict.held()) {
                @Override
                public void due() {
                    leaders.start(admission.dispatch());
                }
            });
        }
        watch(r);
        leaders.start(verdict.next());
        return true;
    }

    private void watch(Request r) {
        if (r.call.hasDeadline()) {
            deadlines.add(r);
        }
        if (r.call.cancellation() != null) {
            r.call.cancellation().tell(r);
        }
        if (r.hasEnded()) {
            endings.forget(r);
        }
    }
}
