package dev.tenon.generation.schedule;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.TenonException;
import dev.tenon.generation.Generation;
import dev.tenon.generation.GenerationStatistics;
import dev.tenon.generation.GeneratorOptions;
import dev.tenon.generation.Part;
import dev.tenon.generation.cache.DecoderSteps;
import dev.tenon.generation.cache.PageCache;
import dev.tenon.generation.schedule.StepPlanner.Share;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.Call;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.DeadlineExceededException.Phase;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.run.Reports;
import dev.tenon.serving.threads.CallFuture;
import dev.tenon.serving.threads.Deadlines;
import dev.tenon.serving.threads.Tasks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs sequences together, step by step. One thread leads at a time: a caller whose own sequence is not ready leads until it has a
 * part or an end for it, then another one that waits goes on. Where no caller waits, a task of the executor leads. Safe for any number of
 * threads.
 */
public final class StepLoop implements AutoCloseable {
    private final String name;
    private final DecoderSteps steps;
    private final GeneratorOptions options;
    private final Deadlines deadlines;
    private final Tasks tasks;
    private final Reports reports;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    /** Guarded by the lock, as the fields below are. */
    private final Roster roster;
    /** The thread that leads; null if none does. */
    private Thread leader;
    /** A task of the executor is about to lead. */
    private boolean taskComes;
    /** The step that runs; null between steps. */
    private StepRun current;

    private final FailedSteps failed = new FailedSteps();

    private boolean closed;
    private boolean released;
    private long promptTokens;
    private long cachedTokens;
    private long generatedTokens;

    /** Room for the logits of any step so far; only the thread that leads uses it. */
    private float[] logits = {};

    /**
     * A loop without sequences.
     *
     * @param name the name in messages, events and reports
     * @param steps runs the tokens; belongs to the loop
     * @param options how many run together and wait, and who is told
     */
    public StepLoop(String name, DecoderSteps steps, GeneratorOptions options) {
        this(name, steps, options, Deadlines.SHARED);
    }

    StepLoop(String name, DecoderSteps steps, GeneratorOptions options, Deadlines deadlines) {
        this.name = name;
        this.steps = steps;
        this.options = options;
        this.deadlines = deadlines;
        this.tasks = new Tasks(options.executor(), deadlines);
        this.roster = new Roster(name, steps, options);
        BatchOptions listeners = BatchOptions.standard();
        for (PredictionListener listener : options.listeners()) {
            listeners = listeners.listener(listener);
        }
        this.reports = new Reports(name, listeners, this::waiting);
    }

    private int waiting() {
        return locked(roster::waiting);
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Generates while the caller waits.
     *
     * @param prompt the prompt and the request
     * @param call the deadline, lane and cancellation
     * @param reader takes parts on this thread; null for none
     * @return the result
     */
    public Generation generate(Prompt prompt, Call call, Consumer<? super Part> reader) {
        Sequence s = sequence(prompt, call, Thread.currentThread(), reader != null);
        enter(s);
        return await(s, reader);
    }

    /**
     * Generates without holding the caller.
     *
     * @param prompt the prompt and the request
     * @param call the deadline, lane and cancellation
     * @return the result; to cancel it ends the sequence
     */
    public CompletableFuture<Generation> submit(Prompt prompt, Call call) {
        try {
            Sequence s = sequence(prompt, call, null, false);
            s.future = new CallFuture<>();
            s.future.of(s);
            enter(s);
            startLeader();
            return s.future;
        } catch (TenonException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** A sequence that was checked. One that does not fit counts as failed. */
    private Sequence sequence(Prompt prompt, Call call, Thread waiter, boolean hasReader) {
        long start = deadlines.now();
        try {
            roster.check(prompt);
            long seed = prompt.request()
                    .sampling()
                    .seed()
                    .orElseGet(() -> ThreadLocalRandom.current().nextLong());
            Sequence.Owner owner =
                    new Sequence.Owner(waiter, hasReader, this::expire, ended -> end(ended, Ending.cancelled()));
            return new Sequence(prompt, call, start, seed, steps.vocabulary(), owner);
        } catch (TenonException e) {
            reports.call(call.lane(), 1, 0, deadlines.now() - start, PredictionListener.Outcome.FAILED);
            throw e;
        }
    }

    /** Lets a sequence wait, or refuses it. */
    private void enter(Sequence s) {
        List<Sequence> ended = new ArrayList<>();
        String refusal = null;
        lock.lock();
        try {
            if (closed) {
                throw new InvalidInputException(
                        "generator '" + name + "'", "a generator that is closed", "a generator that is open", null);
            }
            if (roster.waiting() >= options.maxWaiting()) {
                refusal = roster.waiting() + " calls wait";
                Sequence out = roster.crowdedOutBy(s.call.lane());
                if (out != null) {
                    String why = "the queue is full, and its lane has more calls in it than others";
                    endLocked(out, Ending.refused(overloaded(why)), ended);
                    refusal = null;
                }
            }
            if (refusal == null) {
                roster.add(s);
            }
        } finally {
            lock.unlock();
        }
        announce(ended);
        if (refusal != null) {
            reports.reject(s.call.lane(), refusal);
            throw overloaded(refusal);
        }
        watch(s);
    }

    private OverloadedException overloaded(String reason) {
        return new OverloadedException(
                name,
                reason,
                "at most " + options.maxWaiting() + ", as GeneratorOptions.maxWaiting says",
                "call again later, or with fewer calls at a time");
    }

    /** Lets the deadline and the cancellation of a sequence end it. */
    private void watch(Sequence s) {
        if (s.call.hasDeadline()) {
            deadlines.add(s);
        }
        s.call.whenCancelled(s);
        if (locked(s::hasEnded)) {
            forget(s);
        }
    }

    private void forget(Sequence s) {
        if (s.call.hasDeadline()) {
            deadlines.remove(s);
        }
        s.call.forget(s);
    }

    private void expire(Sequence s) {
        boolean begun = locked(() -> s.begun);
        Phase phase = begun ? Phase.RUNNING : Phase.QUEUED;
        end(s, Ending.expired(new DeadlineExceededException(name, phase, s.call.nanos()), begun));
    }

    /** Ends a sequence, unless it has ended. */
    private void end(Sequence s, Ending how) {
        List<Sequence> ended = new ArrayList<>(1);
        lock.lock();
        try {
            endLocked(s, how, ended);
        } finally {
            lock.unlock();
        }
        announce(ended);
        // It may have been the one that was to lead.
        startLeader();
    }

    /** Ends a sequence, unless it has ended; its pages are free at once, or after the step that it is in. */
    private void endLocked(Sequence s, Ending how, List<Sequence> ended) {
        if (s.hasEnded()) {
            return;
        }
        s.end(how, deadlines.now());
        ended.add(s);
        if (how.kind() != null) {
            promptTokens += s.prompt.tokens().length;
            cachedTokens += s.cachedTokens();
            generatedTokens += s.generatedTokens();
        }
        if (!s.inStep) {
            roster.remove(s, how.keeps());
        } else if (current != null && current.isGone()) {
            current.cancel();
        }
    }

    /** Tells of sequences that have ended: counts first, then those that wait for them. */
    private void announce(List<Sequence> ended) {
        for (Sequence s : ended) {
            forget(s);
            long now = deadlines.now();
            Ending how = s.ending();
            if (how.kind() == null) {
                reports.reject(s.call.lane(), "its place was taken by a call of another lane");
            } else {
                reports.call(s.call.lane(), 1, s.waitNanos(now), s.runNanos(now), how.kind());
            }
        }
        for (Sequence s : ended) {
            if (s.waiter != null) {
                LockSupport.unpark(s.waiter);
            } else if (s.future.getNumberOfDependents() > 0) {
                // Actions of others may take long.
                tasks.execute(s::hand);
            } else {
                s.hand();
            }
        }
    }

    /** Takes parts, leads or sleeps until a sequence of this thread has ended. */
    private Generation await(Sequence s, Consumer<? super Part> reader) {
        try {
            while (true) {
                Part part;
                boolean leads = false;
                lock.lock();
                try {
                    part = s.poll();
                    s.waits = part == null;
                    if (part == null && s.hasEnded()) {
                        return s.result();
                    }
                    if (part == null
                            && leader == null
                            && !Thread.currentThread().isInterrupted()) {
                        leader = Thread.currentThread();
                        leads = true;
                    }
                } finally {
                    lock.unlock();
                }
                if (part != null) {
                    startLeader();
                    reader.accept(part);
                } else if (leads) {
                    lead(s);
                } else if (Thread.currentThread().isInterrupted()) {
                    end(s, Ending.abandoned(interrupted()));
                } else {
                    LockSupport.park(this);
                }
            }
        } catch (RuntimeException | Error e) {
            // Of the reader, or its own end, which stands.
            end(s, Ending.abandoned(e));
            throw e;
        } finally {
            locked(() -> s.waits = false);
            startLeader();
        }
    }

    private InterruptedPredictionException interrupted() {
        return new InterruptedPredictionException(
                name,
                "the thread was interrupted while the call waited",
                null,
                "clear the interrupt and generate again");
    }

    /** Finds a thread that leads, if there is something to run and none leads. */
    private void startLeader() {
        boolean needsTask = false;
        lock.lock();
        try {
            if (leader != null || closed) {
                return;
            }
            Sequence next = roster.leader(true);
            if (next != null) {
                LockSupport.unpark(next.waiter);
            } else if (!taskComes && roster.leader(false) != null) {
                taskComes = true;
                needsTask = true;
            }
        } finally {
            lock.unlock();
        }
        if (needsTask) {
            startTask();
        }
    }

    private void startTask() {
        try {
            tasks.execute(this::leadAsTask);
        } catch (RuntimeException | Error e) {
            failSubmitted(e);
        }
    }

    /** Ends the sequences that no thread waits for: there is none to run them. */
    private void failSubmitted(Throwable failure) {
        List<Sequence> ended = new ArrayList<>();
        lock.lock();
        try {
            taskComes = false;
            for (Sequence s : roster.all()) {
                if (s.waiter == null) {
                    endLocked(s, Ending.failed(failure), ended);
                }
            }
        } finally {
            lock.unlock();
        }
        announce(ended);
    }

    private void leadAsTask() {
        // An interrupt of a thread of the executor is not meant for the sequences.
        boolean interrupted = Thread.interrupted();
        boolean leads = locked(() -> {
            taskComes = false;
            boolean free = leader == null && !closed;
            leader = free ? Thread.currentThread() : leader;
            return free;
        });
        try {
            while (leads && !lead(null)) {
                interrupted |= Thread.interrupted();
            }
        } catch (RuntimeException | Error e) {
            failSubmitted(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Runs steps on this thread, which leads.
     *
     * @param own the sequence of this thread; null on a thread of the executor
     * @return false if this thread was interrupted, has no sequence and still leads
     */
    private boolean lead(Sequence own) {
        boolean leaves = true;
        try {
            StepRun run = next(own);
            while (run != null) {
                if (!run(run)) {
                    leaves = own != null;
                    return leaves;
                }
                if (Thread.currentThread().isVirtual()) {
                    leaveCarrier();
                }
                run = next(own);
            }
            return true;
        } finally {
            if (leaves) {
                leave();
            }
        }
    }

    /** Others may need the carrier of this thread to come here at all: a step never waits. */
    @SuppressWarnings("ThreadPriorityCheck")
    private static void leaveCarrier() {
        Thread.yield();
    }

    private void leave() {
        lock.lock();
        try {
            leader = null;
            if (closed) {
                release();
            }
            idle.signalAll();
        } finally {
            lock.unlock();
        }
        startLeader();
    }

    private void release() {
        if (!released) {
            released = true;
            steps.close();
        }
    }

    /** The step that this thread runs next; null if it has something else to do. */
    private StepRun next(Sequence own) {
        List<Sequence> ended = new ArrayList<>(0);
        lock.lock();
        try {
            boolean wanted = own == null
                    ? roster.leader(true) != null || roster.leader(false) != null
                    : !own.needsOwner() && !Thread.currentThread().isInterrupted();
            if (closed || !wanted) {
                return null;
            }
            List<Share<Sequence>> shares = failed.next();
            if (shares.isEmpty()) {
                shares = roster.prepare((s, e) -> endLocked(s, Ending.failed(e), ended));
            }
            current = shares.isEmpty() ? null : new StepRun(shares, deadlines.now());
            return current;
        } finally {
            lock.unlock();
            announce(ended);
        }
    }

    /** Runs a step. Returns false if an interrupt of this thread has ended it, and its sequences are as they were. */
    private boolean run(StepRun run) {
        long begin = deadlines.now();
        Throwable failure = null;
        try {
            logits = run.run(name, steps, logits);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        boolean interrupted = failure instanceof InterruptedPredictionException
                && Thread.currentThread().isInterrupted();
        boolean stopped = failure instanceof CancelledPredictionException && run.isCancelled();
        boolean isAlone = run.shares.size() == 1;
        List<Sequence> ended = new ArrayList<>();
        List<Sequence> read = new ArrayList<>();
        long now = deadlines.now();
        lock.lock();
        try {
            current = null;
            for (Share<Sequence> share : run.shares) {
                Sequence s = share.of();
                s.inStep = false;
                if (s.hasEnded()) {
                    roster.remove(s, s.ending().keeps());
                } else if (failure == null) {
                    Ending how = advanced(s, share.tokens(), now);
                    s.lane.served += share.tokens();
                    if (how != null) {
                        endLocked(s, how, ended);
                    } else if (s.waiter != null && s.needsOwner()) {
                        read.add(s);
                    }
                } else if (!interrupted && !stopped && isAlone) {
                    endLocked(s, Ending.failed(failure), ended);
                }
            }
            if (failure != null && !interrupted && !stopped && !isAlone) {
                failed.halve(run.shares);
            }
        } finally {
            lock.unlock();
        }
        if (failure == null) {
            reports.run(run.shares.size(), run.tokens, now - begin);
        }
        announce(ended);
        read.forEach(s -> LockSupport.unpark(s.waiter));
        return !interrupted;
    }

    private static Ending advanced(Sequence s, int ran, long now) {
        try {
            return s.advance(ran, now);
        } catch (RuntimeException | Error e) {
            return Ending.failed(e);
        }
    }

    /** {@return the most tokens of a sequence} */
    public int contextTokens() {
        return roster.contextTokens();
    }

    /** {@return what the loop has done, and does now} */
    public GenerationStatistics statistics() {
        lock.lock();
        try {
            BatchStatistics counts = reports.snapshot(roster.active());
            PageCache.Counters pages = roster.pages();
            return new GenerationStatistics(
                    new GenerationStatistics.Calls(
                            counts.calls(),
                            counts.rejected(),
                            counts.expiredQueued() + counts.expiredRunning(),
                            counts.cancelled(),
                            counts.failed(),
                            roster.waiting(),
                            roster.active()),
                    new GenerationStatistics.Tokens(promptTokens, cachedTokens, generatedTokens),
                    new GenerationStatistics.Pages(
                            roster.pageTokens(), roster.allPages(), pages.referenced(), pages.cached()),
                    counts.runs(),
                    roster.preemptions(),
                    counts.listenerFailures());
        } finally {
            lock.unlock();
        }
    }

    /** Ends all sequences, and gives the memory back when the step that runs has ended. A second call does nothing. */
    @Override
    public void close() {
        List<Sequence> ended = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            CancelledPredictionException failure = new CancelledPredictionException(
                    name, "the generator was closed", null, "keep the generator open until all calls have ended");
            roster.all().forEach(s -> endLocked(s, Ending.abandoned(failure), ended));
        } finally {
            lock.unlock();
        }
        announce(ended);
        lock.lock();
        try {
            while (leader != null && !Thread.currentThread().equals(leader)) {
                idle.awaitUninterruptibly();
            }
            if (leader == null) {
                release();
            }
        } finally {
            lock.unlock();
        }
    }
}
