package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.Datum;
import dev.tenon.testkit.TestData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions whose memory is given back while they are used, in all tiers. */
@Tag("tiers")
@Tag("assembled")
class ReleaseTest {
    private static final int LAYERS = 3;
    private static final int WIDTH = 1024;
    /** The layers have equal weights, which a session keeps once. */
    private static final long WEIGHTS = 4L * WIDTH * WIDTH;

    @TempDir
    private Path folder;

    private static Model model() {
        StringBuilder text = new StringBuilder("graph chain(%a0: f32[batch," + WIDTH + "]) {\n");
        for (int i = 1; i <= LAYERS; i++) {
            text.append("%w").append(i).append(" = const f32[1024,1024] @w1024x1024\n");
            text.append("%m")
                    .append(i)
                    .append(" = MatMul(%a")
                    .append(i - 1)
                    .append(", %w")
                    .append(i)
                    .append(")\n");
            text.append("%a").append(i).append(" = Tanh(%m").append(i).append(")\n");
        }
        return SmallModels.model(text + "return %a" + LAYERS + "\n}\n");
    }

    private static Map<String, Datum> inputs() {
        return Map.of("a0", SmallModels.random(3, WIDTH));
    }

    @Test
    void theNextCallHasTheSameBits() {
        Session session = model().session();
        Outputs before = session.predict(inputs());
        float[] kept = before.tensor().toFloatArray();
        session.release();
        session.release();
        assertThat(before.tensor().toFloatArray()).isEqualTo(kept);
        assertThat(session.predict(inputs()).tensor().toFloatArray()).isEqualTo(kept);
        Session unused = model().session();
        unused.release();
        assertThat(unused.predict(inputs()).tensor().toFloatArray()).isEqualTo(kept);
        PreparedCall call = session.prepare(Map.of("a0", SmallModels.random(3, WIDTH)));
        call.run();
        session.release();
        call.run();
        assertThat(call.output("a" + LAYERS).toFloatArray()).isEqualTo(kept);
    }

    /** An output that is a constant, or computed from constants while the plan is made, is the caller's too. */
    @Test
    void constantOutputsStay() {
        Session session = SmallModels.model("""
                graph constants(%x: f32[batch,512]) {
                  %w = const f32[512,512] @w512x512
                  %t = Transpose<perm=[1, 0]>(%w)
                  %m = MatMul(%x, %w)
                  return %m, %w, %t
                }
                """).session();
        Map<String, Datum> x = Map.of("x", SmallModels.random(2, 512));
        Outputs outputs = session.predict(x);
        session.release();
        Outputs again = session.predict(x);
        for (String name : outputs.keySet()) {
            float[] kept = outputs.tensor(name).toFloatArray();
            assertThat(kept).as(name).isEqualTo(again.tensor(name).toFloatArray());
            assertThat(kept[1]).as(name).isNotZero();
        }
    }

    @Test
    @Timeout(60)
    void callsThatRunGoOn() throws Exception {
        Session session = model().session();
        float[] expected = session.predict(inputs()).tensor().toFloatArray();
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> callers = new ArrayList<>();
            Callable<Integer> caller = () -> {
                int calls = 0;
                while (!done.get() || calls == 0) {
                    assertThat(session.predict(inputs()).tensor().toFloatArray())
                            .isEqualTo(expected);
                    calls++;
                }
                return calls;
            };
            for (int i = 0; i < 3; i++) {
                callers.add(threads.submit(caller));
            }
            Path saved = folder.resolve("saved.tenon");
            for (int i = 0; i < 30; i++) {
                session.release();
                if (i % 10 == 0) {
                    Future<?> saving = threads.submit(() -> session.save(saved));
                    session.release();
                    saving.get();
                    assertThat(Model.load(saved).predict(inputs()).tensor().toFloatArray())
                            .isEqualTo(expected);
                }
            }
            done.set(true);
            for (Future<Integer> each : callers) {
                assertThat(each.get()).isPositive();
            }
        }
    }

    /** Pages that the system took back count no more as resident. */
    @Test
    @Tag("vector")
    void theSystemHasTheMemoryAtOnce() throws Exception {
        Path status = Path.of("/proc/self/status");
        boolean returns =
                Files.isReadable(status) && ReleaseTest.class.getModule().isNativeAccessEnabled();
        TestData.needs(
                returns, "no /proc/self/status, or no --enable-native-access: pages are not returned", "tenon.ci");
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Session session = model().session();
            session.predict(inputs());
            sessions.add(session);
        }
        long before = anonymousBytes(status);
        sessions.forEach(Session::release);
        assertThat(before - anonymousBytes(status)).isGreaterThan(sessions.size() * WEIGHTS * 3 / 4);
    }

    private static long anonymousBytes(Path status) throws Exception {
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("RssAnon:")) {
                return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new AssertionError("no RssAnon");
    }
}
