package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.exec.Stacks;
import dev.tenon.fixtures.CrowdProgram;
import dev.tenon.fixtures.CrowdProgram.Taken;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.ChildJvm;
import dev.tenon.testkit.ProcessMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that calls took is given back: plans of many shapes, contexts of many callers, and calls that fail. */
@Tag("short")
class ReturnedMemoryTest {
    private static final long MEGABYTE = 1 << 20;

    /** The mappings that a JVM may make by itself, far fewer than one for each of a thousand sessions. */
    private static final long MAPPINGS = 200;

    /** Each shape has a program of its own, with a constant of a megabyte. */
    private static final String BRANCHES = """
        graph (%x: f32[n]) {
          %shape = Shape(%x)
          %none = const i64[1] {0}
          %any = Greater(%shape, %none)
          %flag = Squeeze(%any)
          %y = If<then_branch=graph a() {
              %size = const i64[1] {262144}
              %large = ConstantOfShape(%size)
              %zero = const i64[1] {0}
              %one = const i64[1] {1}
              %part = Slice(%large, %zero, %one)
              %all = ReduceSum(%large)
              %r = Add(%part, %all)
              return %r
            }, else_branch=graph b() {
              %r = const f32[1] {1}
              return %r
            }>(%flag)
          %z = Add(%x, %y)
          return %z
        }
        """;

    private static boolean isOver(CountDownLatch latch) {
        try {
            return latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static float predict(Session s, int n) {
        Map<String, Datum> x = Map.of("x", Tensor.allocate(DType.FLOAT32, n));
        return s.predict(x).tensor().getFloat(n - 1);
    }

    @Test
    void plansOfManyShapes() throws InterruptedException {
        Session s =
                SmallModels.model(BRANCHES).session(SessionOptions.standard().planCacheBytes(4 * MEGABYTE));
        predict(s, 1);
        System.gc();
        long before = ProcessMemory.directBytes();
        for (int n = 2; n < 400; n++) {
            assertThat(predict(s, n)).isZero();
        }
        assertThat(ProcessMemory.until(() -> ProcessMemory.directBytes() - before < 24 * MEGABYTE))
                .as("%s bytes more than before", ProcessMemory.directBytes() - before)
                .isTrue();
    }

    @Test
    void contextsOfManyCallers() throws InterruptedException {
        int kept = Runtime.getRuntime().availableProcessors();
        // Far more than contexts are kept for, or memory that is never given back would not show.
        int callers = Math.max(60, 4 * (kept + 1));
        int n = 1 << 15;
        Session s = SmallModels.model(
                        "graph (%x: f32[n]) { %a = Neg(%x) %b = Exp(%a) %c = Neg(%b) %y = Cos(%c) return %y }")
                .session();
        predict(s, n);
        System.gc();
        long before = ProcessMemory.directBytes();
        AtomicInteger ended = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(callers);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                all.countDown();
                if (isOver(all)) {
                    predict(s, n);
                    ended.incrementAndGet();
                }
            }));
        }
        for (Thread t : threads) {
            t.join();
        }
        assertThat(ended).hasValue(callers);
        long allowed = (kept + 1) * 4L * n * Float.BYTES;
        assertThat(ProcessMemory.until(() -> ProcessMemory.directBytes() - before < allowed))
                .as("%s bytes more than before", ProcessMemory.directBytes() - before)
                .isTrue();
    }

    /** A call at the end of the stack gives back what it took, wherever it fails. */
    @Test
    void callsAtTheEndOfTheStack() throws InterruptedException {
        Session s = SmallModels.perceptron().session();
        Map<String, Datum> inputs = Map.of("x", SmallModels.random(64, 16));
        Tensor expected = s.predict(inputs).tensor();
        for (int i = 0; i < 1000; i++) {
            s.predict(inputs);
        }
        int[] failed = new int[1];
        Thread deep = new Thread(
                null,
                () -> Stacks.atEachDepth(() -> {
                    try {
                        s.predict(inputs);
                    } catch (dev.tenon.error.TenonException e) {
                        failed[0]++;
                    }
                }),
                "deep",
                512 << 10);
        deep.start();
        deep.join();
        assertThat(failed[0]).as("calls that failed").isPositive();
        Stacks.assertNoneCounted();
        assertThat(s.predict(inputs).tensor().contentEquals(expected)).isTrue();
    }

    /**
     * 1,000 sessions made and dropped by 8 threads, 10,000 shapes and 300 callers at once: when it is quiet again, as much
     * is taken as after a first round, although the sessions live. The heap has a fixed size and is in memory from the
     * start.
     */
    @Test
    @Tag("exhaustive")
    void quietAfterACrowd(@TempDir Path folder) throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.start(
                folder,
                List.of(
                        "-Xms768m",
                        "-Xmx768m",
                        "-XX:+AlwaysPreTouch",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED"),
                CrowdProgram.class);
        int status = child.await(Duration.ofMinutes(15));
        System.out.println(child.output());
        assertThat(status).as(child.output()).isZero();
        List<Taken> taken = child.output()
                .lines()
                .filter(line -> line.startsWith("taken "))
                .map(Taken::parse)
                .toList();
        assertThat(taken).hasSize(2);
        checkGivenBack(taken.get(0), taken.get(1));
    }

    private static void checkGivenBack(Taken before, Taken after) {
        assertThat(after.direct()).isLessThan(before.direct() * 11 / 10 + MEGABYTE);
        assertThat(after.mappings()).isLessThan(before.mappings() * 11 / 10 + MAPPINGS);
        assertThat(after.threads()).isLessThanOrEqualTo(before.threads() * 11 / 10 + 1);
        assertThat(after.residentBytes()).isLessThan(before.residentBytes() * 11 / 10);
    }
}
