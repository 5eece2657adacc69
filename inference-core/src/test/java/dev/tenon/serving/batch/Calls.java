package dev.tenon.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Outputs;
import dev.tenon.error.TenonException;
import dev.tenon.serving.Call;
import dev.tenon.tensor.Datum;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Calls on threads of their own, and waiting for a state without sleeping. */
public final class Calls {
    private static final long PATIENCE_SECONDS = 60;

    private Calls() {}

    /** A call that goes on. */
    static final class Going {
        private final FutureTask<Outputs> task;
        final Thread thread;

        private Going(FutureTask<Outputs> task, Thread thread) {
            this.task = task;
            this.thread = thread;
        }

        Outputs outputs() throws Exception {
            return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        float[] y() throws Exception {
            return outputs().tensor("y").toFloatArray();
        }

        TenonException failure() throws Exception {
            try {
                Outputs outputs = outputs();
                throw new AssertionError("the call got " + outputs);
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOf(TenonException.class);
                return (TenonException) e.getCause();
            }
        }

        boolean isGoing() {
            return !task.isDone();
        }
    }

    /** Makes a call on a thread of its own. */
    static Going start(Batcher batcher, Map<String, ? extends Datum> inputs, Call call) {
        FutureTask<Outputs> task = new FutureTask<>(() -> batcher.predict(inputs, call));
        Thread thread = Thread.ofPlatform().daemon().start(task);
        return new Going(task, thread);
    }

    /** Makes a call that has to wait, and returns when it does. */
    static Going startWaiting(Batcher batcher, Map<String, ? extends Datum> inputs, Call call) {
        int before = batcher.statistics().queuedRows();
        Going going = start(batcher, inputs, call);
        // Its deadline is watched before its thread waits, but after the call is in the queue.
        await(() -> batcher.statistics().queuedRows() > before && going.thread.getState() == Thread.State.WAITING);
        return going;
    }

    /** One call with one number for each of some numbers, each of which waits. */
    static List<Going> startWaiting(Batcher batcher, Call call, float... values) {
        List<Going> going = new ArrayList<>();
        for (float value : values) {
            going.add(startWaiting(batcher, FakeEngine.input(value), call));
        }
        return going;
    }

    /** Waits until a condition holds. */
    public static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("the condition does not become true", new TimeoutException());
            }
            Thread.onSpinWait();
        }
    }
}
