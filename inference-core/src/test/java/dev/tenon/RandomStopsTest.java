package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.exec.Stacks;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Time limits and interrupts at random moments: a call has the right result, or ends with a typed exception soon. */
@Tag("tiers")
@Tag("costly")
@Tag("short")
class RandomStopsTest {
    private static final long SEED = Long.getLong("tenon.test.seed", 0x29_0129);

    /** Each is %x: f32[n,n] to %y. */
    private static final List<String> BODIES = List.of(
            "%y = MatMul(%x, %x)",
            "%a = MatMul(%x, %x) %b = MatMul(%a, %x) %y = MatMul(%b, %a)",
            "%y = Softmax<axis=-1>(%x)",
            "%a = Exp(%x) %b = Neg(%a) %c = Tanh(%b) %y = Add(%c, %x)",
            "%y = Det(%x)",
            "%y = CumSum(%x, %axis)",
            "%y, %i = TopK(%x, %one)",
            "%y = Transpose<perm=[1, 0]>(%x)",
            "%y = Einsum<equation=\"ij,jk->ik\">(%x, %x)",
            "%y = LRN<size=3>(%x)",
            "%y = ReduceSum(%x)",
            "%y = ReduceMax(%x, %one)",
            "%y = Concat<axis=0>(%x, %x)",
            "%y = LayerNormalization(%x, %x)",
            "%y = Erf(%x)",
            "%y = NonZero(%x)",
            "%y = Hardmax(%x)",
            "%y = Gemm(%x, %x, %x)",
            "%s = Shape(%x) %y = Expand(%x, %s)",
            """
            %y = Loop<body=graph body(%i: i64[], %go: bool[], %v: f32[n,n]) {
                  %next = Tanh(%v)
                  return %go, %next
                }, carried=1>(%many, _, %x)
            """);

    private static String text(String body) {
        return """
            graph (%x: f32[n,n]) {
              %axis = const i64[] {0}
              %one = const i64[1] {1}
              %many = const i64[] {50}
              BODY
              return %y
            }
            """.replace("BODY", body);
    }

    private static final int LIMITS = 24;

    /** A model with an input, the result that it has without a limit, and sessions with limits, which have their plans. */
    private record Subject(Model model, Map<String, Datum> inputs, Tensor expected, long nanos, List<Session> limited) {
        private static Subject of(String body, int n) {
            Model model = SmallModels.model(text(body));
            Map<String, Datum> inputs = Map.of("x", SmallModels.random(n, n));
            Tensor expected = (Tensor) model.predict(inputs).get("y");
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 20; i++) {
                long start = System.nanoTime();
                model.predict(inputs);
                best = Math.min(best, System.nanoTime() - start);
            }
            List<Session> limited = new ArrayList<>();
            for (int i = 0; i < LIMITS; i++) {
                Duration limit = Duration.ofNanos(best * 3 / 2 * i / LIMITS);
                Session s = model.session(SessionOptions.standard().timeLimit(limit));
                assertThat(s.executor().plans().of(s.checked(inputs))).isNotNull();
                limited.add(s);
            }
            return new Subject(model, inputs, expected, best, limited);
        }
    }

    @Test
    void fewCalls() throws InterruptedException {
        run(2000, 2, 64);
    }

    /** 100,000 calls on each number of threads; the delays are printed. */
    @Test
    @Tag("exhaustive")
    void manyCalls() throws InterruptedException {
        run(100_000, 2, 64);
        run(100_000, 8, 64);
    }

    private static void run(int calls, int threads, int n) throws InterruptedException {
        System.out.println("seed " + SEED);
        List<Subject> subjects =
                BODIES.stream().map(body -> Subject.of(body, n)).toList();
        Queue<Long> delays = new ConcurrentLinkedQueue<>();
        Queue<Long> processor = new ConcurrentLinkedQueue<>();
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            SplittableRandom random = new SplittableRandom(SEED + t);
            Thread caller = new Thread(() -> {
                for (int i = 0; i < calls / threads; i++) {
                    Subject subject = subjects.get(random.nextInt(subjects.size()));
                    try {
                        if (random.nextBoolean()) {
                            limited(subject, subject.limited().get(random.nextInt(LIMITS)), delays, processor);
                        } else {
                            interrupted(subject, random.nextLong(subject.nanos() * 3 / 2 + 1));
                        }
                    } catch (RuntimeException | Error e) {
                        failures.add(subject.model().graph() + ": " + e);
                    }
                }
            });
            caller.start();
            all.add(caller);
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        Stacks.assertNoneCounted();
        System.out.println(calls + " calls, " + threads + " threads");
        print("time of the clock", delays);
        print("time of the processor", processor);
    }

    private static void print(String what, Queue<Long> delays) {
        long[] sorted = delays.stream().mapToLong(d -> d).sorted().toArray();
        assertThat(sorted).isNotEmpty();
        System.out.printf(
                "%s: %d calls ended by their limit: 50 %% %d us late, 99 %% %d us, 99.9 %% %d us, worst %d us%n",
                what,
                sorted.length,
                sorted[sorted.length / 2] / 1000,
                sorted[(int) (sorted.length * 0.99)] / 1000,
                sorted[(int) (sorted.length * 0.999)] / 1000,
                sorted[sorted.length - 1] / 1000);
    }

    private static void limited(Subject subject, Session s, Queue<Long> delays, Queue<Long> processor) {
        long nanos = s.options().timeLimit().orElseThrow().toNanos();
        ThreadMXBean thread = ManagementFactory.getThreadMXBean();
        long cpu = thread.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        try {
            check(subject, s);
        } catch (InterruptedPredictionException e) {
            assertThat(e).hasMessageContaining("time limit");
            delays.add(Math.max(0, System.nanoTime() - start - nanos));
            processor.add(Math.max(0, thread.getCurrentThreadCpuTime() - cpu - nanos));
        }
    }

    private static void interrupted(Subject subject, long nanos) {
        Thread caller = Thread.currentThread();
        Thread other = Thread.ofVirtual().start(() -> {
            LockSupport.parkNanos(nanos);
            caller.interrupt();
        });
        try {
            check(subject, subject.model().session());
        } catch (InterruptedPredictionException e) {
            assertThat(e).hasMessageContaining("interrupted");
        } finally {
            boolean ended = false;
            while (!ended) {
                try {
                    other.join();
                    ended = true;
                } catch (InterruptedException e) {
                    // It is the interrupt of this call.
                    ended = !other.isAlive();
                }
            }
            Thread.interrupted();
        }
    }

    private static void check(Subject subject, Session s) {
        Tensor y = (Tensor) s.predict(subject.inputs()).get("y");
        assertThat(y.contentEquals(subject.expected()))
                .as(Arrays.toString(y.dims()) + " as without a limit")
                .isTrue();
    }
}
