package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.TuningFileException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.If;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.math.Neg;
import dev.tenon.op.nn.MatMul;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.plan.Step;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Tier;
import dev.tenon.tune.KernelTimer;
import dev.tenon.tune.Tuner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that measure the fastest block sizes, and the files that they write. */
@Tag("tiers")
class TuningTest {
    @TempDir
    Path folder;

    /** Terms of a product: into a larger cache than this multiple of 4 MiB all operands would fit, whatever the sizes of blocks are. */
    private static final long TERMS = 1300
            * Math.max(1, Math.ceilDiv(Tenon.tiers().capabilities().caches().l2Bytes(), 4L << 20));

    private static final String TEXT = """
            graph (%x: f32[n,1300]) {
              %w = const f32[1300,192] @w1300x192
              %v = const f32[192,40] @w192x40
              %a: f32[n,192] = MatMul(%x, %w)
              %b: f32[n,192] = Tanh(%a)
              %c: f32[n,192] = Mul(%b, %a)
              %y: f32[n,40] = MatMul(%c, %v)
              return %y
            }
            """.replace("1300", Long.toString(TERMS));

    private static Graph graph() {
        return SmallModels.graph(TEXT);
    }

    private Path file() {
        return folder.resolve("tuning.txt");
    }

    @Test
    void resultsHaveTheSameBitsAndMeasurementsAreKept() throws IOException {
        Model model = Model.of(graph());
        Tensor x = SmallModels.random(150, TERMS);
        Tensor plain = model.predict(Map.of("x", x)).tensor();
        SessionOptions options = SessionOptions.standard().tuning(file());
        for (int threads = 1; threads <= 2; threads++) {
            Session tuned = model.session(options.threads(threads));
            assertThat(tuned.predict(Map.of("x", x)).tensor().contentEquals(plain))
                    .isTrue();
            byte[] kept = Files.exists(file()) ? Files.readAllBytes(file()) : new byte[0];
            assertThat(kept.length > 0).isEqualTo(Tenon.tiers().capabilities().panelColumns() > 0);
            Session again = model.session(options.threads(threads));
            assertThat(again.predict(Map.of("x", x)).tensor().contentEquals(plain))
                    .isTrue();
            assertThat(Files.exists(file()) ? Files.readAllBytes(file()) : new byte[0])
                    .isEqualTo(kept);
        }
    }

    @Test
    void nothingIsWrittenUnlessAsked() {
        Model.of(graph()).predict(Map.of("x", SmallModels.random(150, TERMS)));
        assertThat(folder).isEmptyDirectory();
        assertThat(SessionOptions.standard().tuning()).isEmpty();
        assertThat(SessionOptions.standard().tuning(file()).noTuning()).isEqualTo(SessionOptions.standard());
        assertThat(SessionOptions.standard().tuning(file()))
                .isNotEqualTo(SessionOptions.standard())
                .isEqualTo(SessionOptions.standard().tuning(file()));
    }

    @Test
    void aForeignFileIsRefusedBeforeAnythingIsMeasured() throws IOException {
        Files.writeString(file(), "something else");
        Model model = Model.of(graph());
        SessionOptions options = SessionOptions.standard().tuning(file());
        assertThatThrownBy(() -> model.session(options)).isInstanceOf(TuningFileException.class);
        assertThat(file()).hasContent("something else");
    }

    /** Each candidate can win: the fake timer prefers another one in each round. */
    @Test
    @Tag("vector")
    void kernelsHaveTheBlocksOfTheFastestCandidate() {
        Graph graph = Pipeline.standard(StandardRules.FLOATS.paying(CoreKernels.set()::has))
                .apply(graph());
        Capabilities machine = Tier.capabilities().withCaches(Caches.TYPICAL);
        ShapeKey key = ShapeKey.of(new Datum[] {SmallModels.random(1500, TERMS)});
        List<List<String>> tilings = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            List<String> seen = new ArrayList<>();
            int favourite = round;
            KernelTimer timer = (kernel, operands, scratch) -> {
                if (!seen.contains(kernel.tiling())) {
                    seen.add(kernel.tiling());
                }
                return 10_000_000L + 1_000_000L * Math.abs(seen.indexOf(kernel.tiling()) - favourite);
            };
            Tuner tuner = new Tuner(folder.resolve("tuning" + round), machine, 1, timer);
            Program program = new Program(graph, CoreKernels.set(), machine);
            tilings.add(Planner.plan(program, key, Long.MAX_VALUE, tuner::prepare).steps().stream()
                    .map(step -> ((Step.KernelStep) step).kernel().tiling())
                    .toList());
        }
        Program untuned = new Program(graph, CoreKernels.set(), machine);
        assertThat(Planner.plan(untuned, key, Long.MAX_VALUE).steps())
                .extracting(step -> ((Step.KernelStep) step).kernel().tiling())
                .isEqualTo(tilings.getFirst());
        assertThat(tilings).doesNotHaveDuplicates();
    }

    private Session tuned(Model model, SessionOptions options, KernelTimer timer) {
        return new Session(model, options, new Tuner(file(), Tier.capabilities(), 1, timer));
    }

    /** Counts the runs. All candidates take so long that few runs are enough. */
    private static KernelTimer counting(AtomicInteger runs) {
        return (kernel, operands, scratch) -> {
            runs.incrementAndGet();
            return 20_000_000L;
        };
    }

    @Test
    @Tag("vector")
    void inspectionsMeasureNothing() {
        AtomicInteger runs = new AtomicInteger();
        Session session = tuned(Model.of(graph()), SessionOptions.standard(), counting(runs));
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(150, TERMS));
        assertThat(session.inspect().types(inputs)).containsKey("y");
        assertThat(session.inspect().steps(inputs)).isNotEmpty();
        assertThat(session.inspect().explain(inputs)).contains("MatMul");
        assertThat(runs).hasValue(0);
        session.predict(inputs);
        assertThat(runs).hasPositiveValue();
        int measured = runs.get();
        session.predict(inputs);
        assertThat(session.inspect().explain(inputs)).contains("MatMul");
        assertThat(runs).hasValue(measured);
    }

    /** A branch that depends on a value, with the product that is measured in {@link #graph}. */
    private static Graph branching() {
        GraphBuilder b = new GraphBuilder("branching");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("n"), Dim.of(TERMS))));
        Value condition = b.input("condition", new TensorType(DType.BOOL, Shape.of(new long[0])));
        GraphBuilder then = b.body("then");
        Value inThen = then.input("a", x.type());
        then.output("t", then.add(new MatMul(), inThen, then.constant(SmallModels.random(TERMS, 96))));
        GraphBuilder otherwise = b.body("otherwise");
        Value inElse = otherwise.input("a", x.type());
        otherwise.output("e", otherwise.add(new Neg(), inElse));
        return b.output("y", b.add(new If(then.build(), otherwise.build()), condition, x))
                .build();
    }

    @Test
    @Tag("vector")
    void bodiesAreNotMeasured() {
        AtomicInteger runs = new AtomicInteger();
        Model model = Model.of(branching());
        Map<String, Tensor> inputs =
                Map.of("x", SmallModels.random(150, TERMS), "condition", Tensor.of(new boolean[] {true}, new long[0]));
        Tensor y = tuned(model, SessionOptions.standard(), counting(runs))
                .predict(inputs)
                .tensor();
        assertThat(y.contentEquals(model.predict(inputs).tensor())).isTrue();
        assertThat(runs).hasValue(0);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    @Tag("vector")
    void theTimeLimitDoesNotCountMeasuring() {
        Duration limit = Duration.ofSeconds(5);
        Model.of(graph()).predict(Map.of("x", SmallModels.random(150, TERMS)));
        AtomicBoolean slept = new AtomicBoolean();
        Session session =
                tuned(Model.of(graph()), SessionOptions.standard().timeLimit(limit), (kernel, operands, scratch) -> {
                    if (!slept.getAndSet(true)) {
                        LockSupport.parkNanos(limit.toNanos() + 1);
                    }
                    return 1_000_000_000L;
                });
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(150, TERMS));
        assertThat(session.predict(inputs).tensor().dims()).containsExactly(150, 40);
        assertThat(slept).isTrue();
    }

    @Test
    @Tag("vector")
    @Timeout(60)
    void callsWithPlannedShapesDoNotWaitForOthersToBeMeasured() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        AtomicBoolean holds = new AtomicBoolean();
        Session session = tuned(Model.of(graph()), SessionOptions.standard(), (kernel, operands, scratch) -> {
            if (holds.get()) {
                begun.countDown();
                try {
                    done.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return 20_000_000L;
        });
        Map<String, Tensor> planned = Map.of("x", SmallModels.random(150, TERMS));
        Tensor y = session.predict(planned).tensor();
        holds.set(true);
        Thread other = Thread.ofPlatform().start(() -> session.predict(Map.of("x", SmallModels.random(170, TERMS))));
        begun.await();
        assertThat(session.predict(planned).tensor().contentEquals(y)).isTrue();
        done.countDown();
        other.join();
    }

    @Test
    @Tag("vector")
    void anInterruptLeavesNoPlanWithUnmeasuredKernels() {
        AtomicInteger runs = new AtomicInteger();
        Session session = tuned(Model.of(graph()), SessionOptions.standard(), counting(runs));
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(150, TERMS));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> session.predict(inputs)).isInstanceOf(InterruptedPredictionException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(runs).hasValue(0);
        session.predict(inputs);
        assertThat(runs).hasPositiveValue();
    }

    @Test
    @Tag("vector")
    void warmingUpStartsWhenAllKernelsAreMeasured() {
        AtomicLong now = new AtomicLong();
        AtomicInteger looks = new AtomicInteger();
        Session session = tuned(Model.of(graph()), SessionOptions.standard(), (kernel, operands, scratch) -> {
            now.addAndGet(1_000_000_000_000L);
            return 20_000_000L;
        });
        WarmUp.run(session, Map.of("x", new long[] {150, TERMS}), () -> {
            looks.incrementAndGet();
            return now.get();
        });
        assertThat(now).hasPositiveValue();
        // The clock is read three times in each call, and twenty calls bring no gain.
        assertThat(looks).hasValueGreaterThan(60);
    }

    @Test
    void sessionsForOptionalInputsHaveTheTunerOfTheirParent() throws IOException {
        Model model = Model.load(ByteBuffer.wrap(OnnxFile.graph("sum")
                .input("x", "f32[2]")
                .input("more", "f32[2]")
                .initializer("more", Tensor.of(new float[] {1, 1}))
                .node("Add", List.of("x", "more"), List.of("y"))
                .output("y", "f32[2]")
                .bytes()));
        Session session = model.session(SessionOptions.standard().tuning(file()));
        Files.writeString(file(), "mine");
        Tensor x = Tensor.of(new float[] {1, 2});
        assertThat(session.predict(Map.of("x", x, "more", x)).tensor().toFloatArray())
                .containsExactly(2, 4);
        assertThat(file()).hasContent("mine");
    }
}
