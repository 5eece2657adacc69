package dev.tenon.serving.batch;

import dev.tenon.Outputs;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.run.Engine;
import dev.tenon.serving.run.RowGroups;
import dev.tenon.serving.run.Rows;
import dev.tenon.serving.run.Served;
import dev.tenon.serving.threads.Deadlines;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Doubles the elements of x. A test may hold each run until it lets it go, and read which rows ran together. An element
 * that is NaN makes a run fail, as a value does that an operator does not take.
 */
final class FakeEngine implements Engine {
    private static final long PATIENCE_SECONDS = 60;

    /** A run that has begun. */
    static final class Run {
        final int rows;
        final Tensor x;
        final Thread thread = Thread.currentThread();
        private final CountDownLatch go = new CountDownLatch(1);

        private Run(Tensor x) {
            // The memory of a batch is used again for the next one.
            this.x = x.copy();
            this.rows = (int) x.dim(0);
        }

        void letGo() {
            go.countDown();
        }
    }

    final AtomicLong clock = new AtomicLong(1000);
    final Deadlines deadlines = new Deadlines(this::time, false);
    private final LinkedBlockingQueue<Run> runs = new LinkedBlockingQueue<>();
    private volatile boolean held;
    /** Rows have other bits when so many run together, 0 for never. */
    volatile int inexactAt;
    /** How much later it is after a run. */
    volatile long nanosPerRun;
    /** Which reading of the clock fails after a run of several rows has begun, as if there was no memory; 0 for none. */
    volatile int failingReading;

    private final AtomicInteger readingsLeft = new AtomicInteger();
    /** Outputs have no rows for inputs that are 0, as with NonZero and Gather. */
    volatile boolean dropsZeros;

    /** The groups of the batcher that was made last. */
    RowGroups groups;

    /** From now on the clock can be read. */
    void repairClock() {
        readingsLeft.set(0);
    }

    private long time() {
        if (readingsLeft.get() > 0 && readingsLeft.decrementAndGet() == 0) {
            throw new OutOfMemoryError("the clock");
        }
        return clock.get();
    }

    Batcher batcher(BatchOptions options) {
        return batcher(options, 1);
    }

    Batcher batcher(BatchOptions options, int slots) {
        Rows rows = new Rows(List.of("x"), null);
        groups = new RowGroups(rows, options);
        Served served = new Served("fake", this, groups);
        return new Batcher(new BatchCore(served, options, slots, deadlines));
    }

    /** Holds all runs that begin from now on. */
    void hold() {
        held = true;
    }

    /** Lets runs that begin from now on end at once. */
    void holdNoMore() {
        held = false;
    }

    /** The next run that has begun, in the order in which they began. */
    Run next() throws InterruptedException {
        Run run = runs.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (run == null) {
            throw new AssertionError("no run has begun");
        }
        return run;
    }

    /** How many runs have begun that nobody asked for. */
    int unread() {
        return runs.size();
    }

    static Map<String, Tensor> input(float... values) {
        return Map.of("x", Tensor.of(values, 1, values.length));
    }

    @Override
    public void check(Map<String, ? extends Datum> inputs) {
        if (!(inputs.get("x") instanceof Tensor)) {
            throw new InvalidInputException("input 'x'", "not given", "f32[n,k]", null);
        }
    }

    @Override
    public Outputs run(Map<String, ? extends Datum> inputs, BooleanSupplier stop) {
        check(inputs);
        Tensor x = (Tensor) inputs.get("x");
        Run run = new Run(x);
        runs.add(run);
        if (run.rows > 1) {
            readingsLeft.set(failingReading);
            failingReading = 0;
        }
        try {
            if (held) {
                run.go.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        clock.addAndGet(nanosPerRun);
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedPredictionException("Fake", "the thread was interrupted", null, null);
        }
        if (stop != null && stop.getAsBoolean()) {
            throw new InterruptedPredictionException("Fake", "the call was stopped before it", null, null);
        }
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        for (long i = 0; i < x.size(); i++) {
            if (Double.isNaN(x.getDouble(i))) {
                throw new InvalidOperandException("Fake", "NaN", "numbers", null);
            }
            y.setDouble(i, 2 * x.getDouble(i) + (run.rows == inexactAt ? 1 : 0));
        }
        return Outputs.of(Map.of("y", dropsZeros ? withoutZeros(y) : y));
    }

    private static Tensor withoutZeros(Tensor y) {
        float[] all = y.toFloatArray();
        float[] left = new float[all.length];
        int rows = 0;
        for (float value : all) {
            if (value != 0) {
                left[rows++] = value;
            }
        }
        return Tensor.of(Arrays.copyOf(left, rows), rows, 1);
    }
}
