package dev.tenon.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.AllCases;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * References of operators whose attributes or operands ask for far more work than the budget allows. Each of them asks for
 * at least twice as much, and most for more than a thousand times as much.
 */
class ReferenceWorkTest {
    private static final long OPERATIONS = 500_000;

    private static final WorkLimits LIMITS = new WorkLimits(Long.MAX_VALUE, OPERATIONS, "time", "operations");

    /** A test that waits longer would wait for ever. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static DynamicTest ends(String operator, Attributes attributes, int outputs, Datum... inputs) {
        Op op = AllCases.operators()
                .find(domain(operator), operator.substring(operator.lastIndexOf('.') + 1))
                .orElseThrow()
                .create(attributes);
        return DynamicTest.dynamicTest(
                operator + " " + attributes,
                () -> assertTimeoutPreemptively(
                        PATIENCE,
                        () -> assertThatThrownBy(() -> WorkBudget.started(op.title(), LIMITS)
                                        .run(() -> new Operands(op, "", Arrays.asList(inputs), outputs).evaluate()))
                                .isInstanceOf(ResourceLimitException.class)
                                .hasMessageContaining(op.title())
                                .hasMessageContaining("allowed " + OPERATIONS + " operations")));
    }

    private static String domain(String operator) {
        int dot = operator.lastIndexOf('.');
        return dot < 0 ? "" : operator.substring(0, dot);
    }

    private static Tensor zeros(long... dims) {
        return Tensor.allocate(DType.FLOAT32, dims);
    }

    private static Tensor integers(long... values) {
        return Tensor.of(values, values.length);
    }

    /** Boxes none of which overlap. */
    private static Tensor boxes(int count) {
        Tensor t = zeros(1, count, 4);
        for (int i = 0; i < count; i++) {
            t.setDouble(4L * i, 2 * i);
            t.setDouble(4L * i + 1, 2 * i);
            t.setDouble(4L * i + 2, 2 * i + 1);
            t.setDouble(4L * i + 3, 2 * i + 1);
        }
        return t;
    }

    private static Tensor regions(int count, float size) {
        Tensor t = zeros(count, 4);
        for (int i = 0; i < count; i++) {
            t.setDouble(4L * i, -size);
            t.setDouble(4L * i + 1, -size);
        }
        return t;
    }

    private static Tensor random(long... dims) {
        SplittableRandom random = new SplittableRandom(29);
        Tensor t = zeros(dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextDouble());
        }
        return t;
    }

    @TestFactory
    Stream<DynamicTest> end() {
        Attributes none = Attributes.none();
        return Stream.of(
                ends("LRN", none.with("size", 1L << 40), 1, zeros(1, 20_000, 1)),
                ends("Conv", none.with("pads", List.of(0L, 9000L, 0L, 9000L)), 1, zeros(1, 1, 8, 8000), zeros(64, 1, 8, 8)),
                ends("MatMul", none, 1, zeros(512, 512), zeros(512, 512)),
                ends("Einsum", none.with("equation", "ij,jk,kl->il"), 1, zeros(300, 300), zeros(300, 300), zeros(300, 300)),
                ends("Det", none, 1, random(600, 600)),
                ends("com.microsoft.Inverse", none, 1, random(400, 400)),
                ends("DFT", none, 1, zeros(1, 1 << 18, 1), null, null),
                ends("Attention", none, 1, zeros(1, 1, 100_000, 0), zeros(1, 1, 100_000, 0), zeros(1, 1, 100_000, 1)),
                ends("NonMaxSuppression", none, 1, boxes(20_000), random(1, 1, 20_000), integers(1L << 40)),
                ends(
                        "RoiAlign",
                        none.with("sampling_ratio", 8000L),
                        1,
                        zeros(1, 1, 2, 2),
                        regions(1000, 1e6f),
                        Tensor.of(new long[1000], 1000)),
                ends(
                        "TfIdfVectorizer",
                        none.with("mode", "TF")
                                .with("min_gram_length", 1L)
                                .with("max_gram_length", 2L)
                                .with("max_skip_count", 1L << 30)
                                .with("ngram_counts", List.of(0L, 1L))
                                .with("ngram_indexes", List.of(0L, 1L))
                                .with("pool_int64s", List.of(1L, 0L, 0L)),
                        1,
                        Tensor.of(new long[100_000], 100_000)),
                ends(
                        "LSTM",
                        none.with("hidden_size", 1000L),
                        3,
                        zeros(1000, 1, 1),
                        zeros(1, 4000, 1),
                        zeros(1, 4000, 1000)),
                ends("MaxPool", none.with("kernel_shape", List.of(900L, 900L)).with("pads", pads(449)), 1, zeros(1, 1, 900, 900)),
                ends("CumSum", none, 1, zeros(1_000_000), integers(0)),
                ends("ReduceSum", none, 1, zeros(1_000_000)),
                ends("Softmax", none, 1, zeros(1_000_000)),
                ends("Range", none, 1, Tensor.scalar(0L), Tensor.scalar(1_000_000L), Tensor.scalar(1L)));
    }

    private static List<Long> pads(long each) {
        return List.of(each, each, each, each);
    }

    /** What a budget allows has the same results as without one. */
    @Test
    void enoughIsEnough() {
        Op op = AllCases.operators().find("", "MatMul").orElseThrow().create(Attributes.none());
        Tensor a = random(20, 30);
        Tensor b = random(30, 20);
        Tensor expected = (Tensor) op.reference(Operands.of(op, a, b)).getFirst();
        WorkBudget budget = WorkBudget.started("product", LIMITS);
        Tensor found = (Tensor) budget.run(() -> Operands.of(op, a, b).evaluate()).getFirst();
        assertThat(found.contentEquals(expected)).isTrue();
        assertThat(budget.spent()).isBetween(20_000L, 100_000L);
    }
}
