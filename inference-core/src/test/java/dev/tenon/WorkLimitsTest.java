package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of time and of operations hold within a step, and for making sessions and plans. */
@Tag("tiers")
@Tag("costly")
@Tag("short")
class WorkLimitsTest {
    private static final SessionOptions STANDARD = SessionOptions.standard();
    private static final Duration LIMIT = Duration.ofMillis(200);

    /** Far more than the limit, and far less than the work takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** One step that takes minutes: the reference of an operator that has no kernel. */
    private static final String REFERENCE = "graph (%x: f32[n,n]) { %y = Det(%x) \"slow\" return %y }";

    /** Steps of kernels, some of which take minutes. */
    private static final String KERNELS = """
        graph (%x: f32[n,n]) {
          %a = MatMul(%x, %x) "first"
          %b = MatMul(%a, %x) "second"
          %c = MatMul(%b, %x)
          %d = MatMul(%c, %x)
          %e = MatMul(%d, %x)
          %f = MatMul(%e, %x)
          %y = MatMul(%f, %x)
          return %y
        }
        """;

    /** The unit matrix, whose determinant takes as long as any other. */
    private static Map<String, Datum> square(int n) {
        Tensor x = Tensor.allocate(DType.FLOAT32, n, n);
        for (long i = 0; i < n; i++) {
            x.setDouble(i * n + i, 1);
        }
        return Map.of("x", x);
    }

    @ParameterizedTest
    @ValueSource(strings = {REFERENCE, KERNELS})
    void theTimeLimitEndsAStep(String text) {
        Map<String, Datum> inputs = square(3072);
        for (int threads : new int[] {1, 2}) {
            Session s =
                    SmallModels.model(text).session(STANDARD.timeLimit(LIMIT).threads(threads));
            TenonException e = assertTimeoutPreemptively(PATIENCE, () -> Typed.failure(() -> s.predict(inputs)));
            assertThat(e)
                    .isInstanceOf(InterruptedPredictionException.class)
                    .hasMessageContaining("the time limit was reached after")
                    .hasMessageContaining("operations")
                    .hasMessageContaining("allowed 200 ms")
                    .hasMessageContaining("SessionOptions.timeLimit");
            assertThat(s.predict(square(2)).size()).as("the session goes on").isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {REFERENCE, KERNELS})
    void anInterruptEndsAStep(String text) throws InterruptedException {
        Session s = SmallModels.model(text).session(STANDARD.threads(1));
        Map<String, Datum> inputs = square(3072);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread caller = Thread.ofPlatform().daemon().start(() -> {
            try {
                // One call may end before the interrupt comes.
                while (true) {
                    s.predict(inputs);
                }
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        Thread.sleep(300);
        caller.interrupt();
        assertThat(caller.join(PATIENCE)).as("the call ends").isTrue();
        assertThat(Typed.typed(thrown.get()))
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("interrupted");
    }

    @ParameterizedTest
    @ValueSource(strings = {REFERENCE, KERNELS})
    void operationsAreLimited(String text) {
        Session s = SmallModels.model(text).session(STANDARD.maxOperations(5_000_000));
        Map<String, Datum> inputs = square(3072);
        assertThat(Typed.failure(() -> s.predict(inputs)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("allowed 5000000 operations")
                .hasMessageContaining("SessionOptions.maxOperations");
        assertThat(s.predict(square(2)).size()).isEqualTo(1);
    }

    /** The file that describes such a model has less than 200 bytes. */
    private static Model largeProduct() {
        return SmallModels.model("""
            graph (%x: f32[1]) {
              %shape = const i64[2] {4096, 4096}
              %a = ConstantOfShape(%shape)
              %b = MatMul(%a, %a)
              %zero = const i64[1] {0}
              %two = const i64[1] {1}
              %c = Slice(%b, %zero, %two)
              %y = Add(%c, %x)
              return %y
            }
            """);
    }

    /** Several times as long as this machine takes for the product by a kernel: by the time of one with 1/512 of its operations. */
    private static Duration patience() {
        Session small = SmallModels.model("graph (%x: f32[512,512]) { %y = MatMul(%x, %x) return %y }")
                .session(SessionOptions.standard().threads(1));
        Map<String, Datum> inputs = Map.of("x", SmallModels.random(512, 512));
        small.predict(inputs);
        long start = System.nanoTime();
        small.predict(inputs);
        return Duration.ofSeconds(60).plusNanos(4 * 512 * (System.nanoTime() - start));
    }

    /** By a kernel, or not at all: the reference would take many minutes. */
    @Test
    void foldingIsLimited() {
        Session s = assertTimeoutPreemptively(patience(), () -> largeProduct().session());
        boolean left = s.inspect().graph().nodes().stream().anyMatch(n -> n.op() instanceof MatMul);
        boolean fast = Tenon.tiers().capabilities().panelColumns() > 0;
        assertThat(left).as("scalar loops would take minutes").isEqualTo(!fast);
    }

    /** Work whose amount only its operands tell. */
    @Test
    @Tag("exhaustive")
    void foldingIsLimitedWhereTheCostIsNotKnown() {
        Model model = SmallModels.model("""
            graph (%x: i64[1]) {
              %boxes = const i64[3] {1, 300000, 4}
              %scores = const i64[3] {1, 1, 300000}
              %b = ConstantOfShape(%boxes)
              %s = ConstantOfShape(%scores)
              %most = const i64[1] {300000}
              %n = NonMaxSuppression(%b, %s, %most)
              %y = Add(%n, %x)
              return %y
            }
            """);
        Session s = assertTimeoutPreemptively(Duration.ofMinutes(2), () -> model.session());
        assertThat(s).isNotNull();
    }

    @Test
    void makingASessionIsLimited() {
        assertThat(Typed.failure(() -> SmallModels.perceptron().session(STANDARD.preparationTime(Duration.ZERO))))
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("session of")
                .hasMessageContaining("allowed 0 ms")
                .hasMessageContaining("SessionOptions.preparationTime");
        assertThat(Typed.failure(() -> SmallModels.perceptron().session(STANDARD.maxOperations(1))))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("SessionOptions.maxOperations");
    }

    @Test
    void makingASessionIsInterrupted() {
        Model model = SmallModels.perceptron();
        Thread.currentThread().interrupt();
        try {
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> model.session(STANDARD)))
                    .isInstanceOf(InterruptedPredictionException.class)
                    .hasMessageContaining("interrupted");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(model.session(STANDARD)).isNotNull();
    }

    @Test
    void aDimensionOfNoneEndsEarly() {
        for (String op : new String[] {
            "EyeLike(%x)", "Softmax<axis=1>(%x)", "LogSoftmax<axis=1>(%x)", "Neg(%x)", "MatMul(%x, %x)", "Relu(%x)"
        }) {
            Session s = SmallModels.model("graph (%x: f32[n,m]) { %y = " + op + " return %y }")
                    .session();
            for (long[] dims : new long[][] {{0, 1L << 40}, {1L << 40, 0}}) {
                Tensor x = Tensor.allocate(DType.FLOAT32, dims);
                TenonException e = Typed.failureOrNull(() -> s.predict(Map.of("x", x)));
                assertThat(e == null || op.contains("MatMul")).as(op + " " + e).isTrue();
            }
        }
    }

    @Test
    void aCarriedOptionalMayBecomeItsElement() {
        Model model = SmallModels.model("""
            graph (%m: i64[], %first: optional(seq(f32[n])), %x: f32[n]) {
              %y = Loop<body=graph body(%i: i64[], %go: bool[], %o: optional(seq(f32[n])), %t: f32[n]) {
                  %s = OptionalGetElement(%o)
                  %next = SequenceInsert(%s, %t)
                  return %go, %next
                }, carried=1>(%m, _, %first, %x)
              return %y
            }
            """);
        TensorType element = new TensorType(DType.FLOAT32, Shape.parse("[n]"));
        Tensor x = Tensor.of(new float[] {1, 2});
        OptionalDatum none = OptionalDatum.empty(new SequenceType(element));
        OptionalDatum empty = OptionalDatum.of(TensorSequence.of(element, List.of()));
        for (long count : new long[] {0, 1, 3}) {
            Datum y = model.predict(Map.of("m", Tensor.scalar(count), "first", empty, "x", x))
                    .get("y");
            assertThat(((TensorSequence) y).elements()).hasSize((int) count);
        }
        assertThat(Typed.failure(() -> model.predict(Map.of("m", Tensor.scalar(0L), "first", none, "x", x))))
                .hasMessageContaining("optional without a value");
    }

    @Test
    void listsOfOperandsHaveNoGaps() {
        for (String call : new String[] {
            "Einsum<equation=\"i,i->i\">(%x, _)", "ai.onnx.ml.FeatureVectorizer()", "Concat<axis=0>(%x, _)", "Max()"
        }) {
            assertThat(Typed.failure(() -> SmallModels.model("graph (%x: f32[2]) { %y = " + call + " return %y }")
                            .predict(Map.of("x", Tensor.of(new float[] {1, 2})))))
                    .as(call)
                    .isNotNull();
        }
    }
}
