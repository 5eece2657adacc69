package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Tier;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In the steady state a call into given outputs allocates nothing, neither on the caller nor on workers. */
@Tag("tiers")
@Tag("fresh")
class AllocationTest {
    private static final int CALLS_BEFORE = 60_000;
    private static final int CALLS = 10_000;
    private static final long BYTES_A_CALL = 64;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static Map<Thread, Long> workers() {
        Map<Thread, Long> bytes = new HashMap<>();
        for (Thread t : Thread.getAllStackTraces().keySet()) {
            if (t.getName().startsWith("tenon-worker-")) {
                bytes.put(t, THREADS.getThreadAllocatedBytes(t.threadId()));
            }
        }
        return bytes;
    }

    /** Checks what calls allocate after they have been made often enough. */
    private static void check(Runnable call) {
        for (int i = 0; i < CALLS_BEFORE; i++) {
            call.run();
        }
        Map<Thread, Long> before = workers();
        long callerBefore = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        long caller = THREADS.getCurrentThreadAllocatedBytes() - callerBefore;
        assertThat(caller / CALLS)
                .as("bytes a call on the caller, %d in all", caller)
                .isLessThanOrEqualTo(BYTES_A_CALL);
        before.forEach((worker, bytes) -> assertThat(THREADS.getThreadAllocatedBytes(worker.threadId()) - bytes)
                .as("bytes on %s", worker.getName())
                .isZero());
    }

    private static void check(Session session, Map<String, Tensor> inputs) {
        Tensor y = session.predict(inputs).tensor();
        Map<String, Tensor> outputs = Map.of("y", y);
        check(() -> session.predict(inputs, outputs));
        PreparedCall prepared = session.prepare(inputs);
        check(prepared::run);
    }

    private static Session session(Model model, int threads) {
        return model.session(SessionOptions.standard().threads(threads));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aPerceptron(int threads) {
        check(session(SmallModels.perceptron(), threads), Map.of("x", SmallModels.random(3, 16)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void movesAndChangesOfShape(int threads) {
        check(session(SmallModels.shuffle(), threads), Map.of("x", SmallModels.random(5, 4, 6)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void stepsThatAreWorthSharing(int threads) {
        Model model = SmallModels.model("""
            graph shared(%x: f32[rows,64]) {
              %turned = Transpose<perm=[1, 0]>(%x)
              %y = Softmax<axis=-1>(%turned)
              return %y
            }
            """);
        Session session = session(model, threads);
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(Tier.name().equals("plain") ? 64 : 1024, 64));
        Map<String, Tensor> outputs = Map.of("y", session.predict(inputs).tensor());
        check(() -> session.predict(inputs, outputs));
        boolean canShare = threads > 1 && Runtime.getRuntime().availableProcessors() > 1;
        assertThat(workers().isEmpty() && canShare)
                .as("no worker has ever started")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void outputsThatNobodyWants(int threads) {
        Model model = SmallModels.model("""
            graph several(%x: f32[rows,64]) {
              %y = Softmax<axis=-1>(%x)
              %z = Transpose<perm=[1, 0]>(%x)
              return %y, %z, same=%x
            }
            """);
        Session session = session(model, threads);
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(4, 64));
        Map<String, Tensor> outputs = Map.of("y", session.predict(inputs).tensor("y"));
        check(() -> session.predict(inputs, outputs));
        assertThat(List.copyOf(outputs.keySet())).containsExactly("y");
    }
}
