package dev.tenon.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.TenonException;
import dev.tenon.exec.Stacks;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Calls at each depth of a stack, down to its end. Each has its result or ends with a typed exception, and takes nothing
 * with it: no context, no slot, no lock.
 */
class DeepStackTest {
    private static final Map<String, Tensor> INPUTS = Map.of("x", SmallModels.random(2, 16));

    /** What the calls at each depth came to. They are written without any call: there may be no room for one. */
    private static final class Ends {
        private static final int MOST = 100_000;

        private final Outputs[] results = new Outputs[MOST];
        private final Throwable[] failures = new Throwable[MOST];
        private int calls;
    }

    /** Calls at each depth, of a thread with a small stack. */
    private static Ends atEachDepth(Callable<Outputs> call) throws InterruptedException {
        Ends ends = new Ends();
        Thread deep = new Thread(
                null,
                () -> Stacks.atEachDepth(() -> {
                    try {
                        ends.results[ends.calls] = call.call();
                    } catch (Throwable e) {
                        ends.failures[ends.calls] = e;
                    }
                    ends.calls++;
                }),
                "deep",
                256 << 10);
        deep.start();
        assertThat(deep.join(Duration.ofMinutes(1))).as("the thread ends").isTrue();
        return ends;
    }

    /** Checks failures: one that is not typed is only right if the stack ended where the method was to be entered. */
    private static void check(Throwable failure) {
        if (failure instanceof StackOverflowError) {
            StackTraceElement[] trace = failure.getStackTrace();
            assertThat(isOfTest(trace[0]) || isOfTest(trace[1]))
                    .as("a method went on: %s", List.of(trace).subList(0, 8))
                    .isTrue();
        } else {
            Throwable e = failure instanceof ExecutionException x ? x.getCause() : failure;
            assertThat(e).isInstanceOf(TenonException.class);
        }
    }

    private static boolean isOfTest(StackTraceElement place) {
        String name = place.getClassName();
        return name.startsWith(DeepStackTest.class.getName()) || name.startsWith(Stacks.class.getName());
    }

    /** Something that predicts, and whether it is as free as before. */
    private record Entry(String name, Callable<Outputs> call, Callable<Boolean> isFree) {}

    private static List<Entry> entries() {
        Model model = SmallModels.perceptron();
        Session session = model.session();
        Batcher batcher = Batcher.of(session, BatchOptions.standard().slots(1).maxRows(8));
        Models models = Models.create(
                SessionOptions.standard(), BatchOptions.standard().slots(1).maxRows(8));
        models.load("m", "1", model, Trial.none());
        models.promote("m", "1");
        Batcher routed = models.batcher("m", "1");
        Call call = Call.standard().within(Duration.ofSeconds(30));
        return List.of(
                new Entry("Model.predict", () -> model.predict(INPUTS), () -> true),
                new Entry("Session.predict", () -> session.predict(INPUTS), () -> true),
                new Entry("Session.predict with a condition", () -> session.predict(INPUTS, () -> false), () -> true),
                new Entry("Batcher.predict", () -> batcher.predict(INPUTS), batcher::isIdle),
                new Entry("Batcher.predict within", () -> batcher.predict(INPUTS, call), batcher::isIdle),
                new Entry("Batcher.submit", () -> batcher.submit(INPUTS, call).get(), batcher::isIdle),
                new Entry("Models.predict", () -> models.predict("m", INPUTS, call), routed::isIdle),
                new Entry(
                        "Models.submit", () -> models.submit("m", INPUTS, call).get(), routed::isIdle));
    }

    @TestFactory
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    List<DynamicTest> everyEntry() {
        return entries().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> check(entry)))
                .toList();
    }

    private static void check(Entry entry) throws Exception {
        Tensor expected = entry.call().call().tensor();
        for (int round = 0; round < 2; round++) {
            Ends ends = atEachDepth(entry.call());
            int right = 0;
            int typed = 0;
            for (int i = 0; i < ends.calls; i++) {
                if (ends.results[i] != null) {
                    assertThat(ends.results[i].tensor().contentEquals(expected)).isTrue();
                    right++;
                } else {
                    check(ends.failures[i]);
                    typed += ends.failures[i] instanceof StackOverflowError ? 0 : 1;
                }
            }
            assertThat(right).as("calls with results").isPositive();
            assertThat(typed).as("calls that failed with a typed exception").isPositive();
            Stacks.assertNoneCounted();
            long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!entry.isFree().call() && System.nanoTime() - patience < 0) {
                // A call that was submitted may still run.
                Thread.sleep(1);
            }
            assertThat(entry.isFree().call()).as("nothing runs or waits").isTrue();
            assertThat(entry.call().call().tensor().contentEquals(expected)).isTrue();
        }
    }
}
