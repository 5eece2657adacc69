package dev.tenon.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.graph.Graph;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.plan.KernelOperand.BufferOperand;
import dev.tenon.plan.ValueLocation.Fixed;
import dev.tenon.plan.ValueLocation.InBuffer;
import dev.tenon.plan.ValueLocation.InSlot;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Tier;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("tiers")
@Tag("short")
class PlannerTest {
    private static Plan plan(String text, long... dims) {
        return plan(SmallModels.graph(text), CoreKernels.set(), dims);
    }

    private static Plan plan(Graph graph, KernelSet kernels, long... dims) {
        Program program = new Program(graph, kernels, Tier.capabilities());
        Datum[] inputs = {Tensor.allocate(DType.FLOAT32, dims)};
        return Planner.plan(program, ShapeKey.of(inputs), Long.MAX_VALUE);
    }

    private static List<String> ops(Plan plan) {
        return plan.steps().stream().map(s -> s.node().op().schema().name()).toList();
    }

    @Test
    void viewsAreNoSteps() {
        Plan plan = plan("""
            graph (%x: f32[n,4]) {
              %flat = const i64[1] {-1}
              %axes = const i64[1] {0}
              %a = Reshape(%x, %flat)
              %b = Unsqueeze(%a, %axes)
              %c = Identity(%b)
              %y = Squeeze(%c, %axes)
              return %y
            }
            """, 3, 4);
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.buffers()).hasSize(1);
        assertThat(plan.outputs())
                .singleElement()
                .isEqualTo(new InBuffer(
                        0,
                        SmallModels.graph("graph (%y: f32[12]) { return %y }")
                                .inputs()
                                .getFirst()
                                .tensorType()));
    }

    @Test
    void shapeArithmeticIsNoStep() {
        Plan plan = plan("""
            graph (%x: f32[n,m]) {
              %i = const i64[1] {1}
              %two = const i64[1] {2}
              %shape = Shape(%x)
              %m = Gather<axis=0>(%shape, %i)
              %half = Div(%m, %two)
              %target = Concat<axis=0>(%two, %half, %two)
              %y = Reshape(%x, %target)
              return %y, %half
            }
            """, 2, 6);
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.outputs().getFirst())
                .isInstanceOfSatisfying(
                        InBuffer.class, b -> assertThat(b.type()).hasToString("f32[2,3,2]"));
        assertThat(plan.outputs().getLast())
                .isInstanceOfSatisfying(
                        Fixed.class, f -> assertThat(f.tensor().toLongArray()).containsExactly(3));
    }

    @Test
    void stepsWithoutKernelsRunByTheirReference() {
        Graph graph = SmallModels.graph("graph (%x: f32[n,4]) { %y = Softmax<axis=-1>(%x) return %y }");
        assertThat(plan(graph, KernelSet.empty(), 2, 4).steps())
                .extracting(Step::kernelId)
                .containsExactly("reference");
        assertThat(plan(graph, CoreKernels.set(), 2, 4).steps())
                .extracting(Step::kernelId)
                .singleElement()
                .asString()
                .startsWith("softmax_f32_");
    }

    @Test
    void valuesOfUnknownShapeAreInSlots() {
        Plan plan = plan("""
            graph (%x: f32[n]) {
              %zero = const f32[] {0.0}
              %some = Greater(%x, %zero)
              %kept = Compress<axis=0>(%x, %some)
              %twice = Add(%kept, %kept)
              %sum = ReduceSum<keepdims=0>(%twice)
              return %sum
            }
            """, 5);
        assertThat(ops(plan)).containsExactly("Greater", "Compress", "Add", "ReduceSum");
        assertThat(plan.slots()).isEqualTo(2);
        assertThat(plan.outputs().getFirst()).isInstanceOf(InBuffer.class);
        assertThat(plan.steps().get(1))
                .isInstanceOfSatisfying(
                        Step.DynamicStep.class, s -> assertThat(s.outputs()).containsExactly(new InSlot(0)));
        assertThat(plan.steps().get(2))
                .isInstanceOfSatisfying(
                        Step.DynamicStep.class, s -> assertThat(s.released()).containsExactly(0));
    }

    private static int buffer(Plan plan, int step, int operand) {
        Step.KernelStep s = (Step.KernelStep) plan.steps().get(step);
        return ((BufferOperand) s.operands().get(operand)).buffer();
    }

    private static final String CHAIN = """
        graph (%%x: f32[n,8]) {
          %%a = Relu(%%x)
          %%b = Neg(%%a)
          %%c = Abs(%%b)
          return %s
        }
        """;

    @Test
    void aStepMayWriteOverAValueThatIsNotReadAgain() {
        Plan plan = plan(CHAIN.formatted("%c"), 4, 8);
        assertThat(plan.buffers()).as("the input's and one for the rest").hasSize(2);
        assertThat(buffer(plan, 2, 1)).isEqualTo(buffer(plan, 1, 0));
    }

    @Test
    void aStepDoesNotWriteOverInputsOutputsOrValuesThatAreReadLater() {
        assertThat(plan(CHAIN.formatted("%a, %c"), 4, 8).buffers()).hasSize(3);
        assertThat(plan(CHAIN.formatted("%a, %b, %c"), 4, 8).buffers()).hasSize(4);
        Plan later = plan("""
            graph (%x: f32[n,8]) {
              %a = Relu(%x)
              %b = Neg(%a)
              %c = Add(%a, %b)
              return %c
            }
            """, 4, 8);
        assertThat(buffer(later, 1, 1)).isNotEqualTo(buffer(later, 1, 0));
        assertThat(buffer(later, 2, 2)).isIn(buffer(later, 2, 0), buffer(later, 2, 1));
    }

    @Test
    void aViewKeepsItsSourceAlive() {
        Plan plan = plan("""
            graph (%x: f32[n,8]) {
              %flat = const i64[1] {-1}
              %a = Relu(%x)
              %view = Reshape(%a, %flat)
              %b = Neg(%a)
              %c = Abs(%b)
              %d = Neg(%c)
              return %view, %d
            }
            """, 4, 8);
        int kept = ((InBuffer) plan.outputs().getFirst()).buffer();
        assertThat(plan.buffers().get(kept).last()).isEqualTo(plan.steps().size());
        for (int step = 1; step < plan.steps().size(); step++) {
            assertThat(buffer(plan, step, 1)).isNotEqualTo(kept);
        }
    }

    @Test
    void aLongChainNeedsLittle() {
        StringBuilder text = new StringBuilder("graph (%v0: f32[n,64]) {\n");
        for (int i = 0; i < 100; i++) {
            text.append("%v").append(i + 1).append(" = Softmax<axis=").append(-1 - i % 2);
            text.append(">(%v").append(i).append(")\n");
        }
        Plan plan = plan(text + "return %v100 }", 16, 64);
        assertThat(plan.steps()).hasSize(100);
        assertThat(plan.arenaBytes()).isLessThanOrEqualTo(3L * 4 * 16 * 64);
        assertThat(plan.arenaBytes()).isGreaterThanOrEqualTo(plan.memory().lowerBoundBytes());
    }

    @Test
    void shapesThatDoNotFitAreRefused() {
        assertThat(Typed.failure(() -> plan(
                        "graph (%x: f32[n]) { %w = const f32[3] {1.0, 2.0, 3.0}"
                                + " %y = Add(%x, %w) \"sum\" return %y }",
                        4)))
                .hasMessageContaining("Add 'sum'");
        Program program = new Program(
                SmallModels.graph("graph (%x: f32[n]) { %y = Neg(%x) return %y }"),
                CoreKernels.set(),
                Tier.capabilities());
        ShapeKey key = ShapeKey.of(new Datum[] {Tensor.allocate(DType.FLOAT32, 100)});
        assertThat(Typed.failure(() -> Planner.plan(program, key, 399)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("value 'x'");
        assertThat(Planner.plan(program, key, 400).key()).isEqualTo(key);
    }

    @Test
    void weightsArePackedOnce() {
        Graph graph = Pipeline.standard().apply(SmallModels.perceptron().graph());
        Program program = new Program(graph, CoreKernels.set(), Tier.capabilities());
        for (long batch : new long[] {1, 2, 300}) {
            Planner.plan(program, ShapeKey.of(new Datum[] {Tensor.allocate(DType.FLOAT32, batch, 16)}), Long.MAX_VALUE);
        }
        long bytes = program.constantBytes();
        for (long batch : new long[] {3, 17, 1000}) {
            Planner.plan(program, ShapeKey.of(new Datum[] {Tensor.allocate(DType.FLOAT32, batch, 16)}), Long.MAX_VALUE);
        }
        assertThat(program.constantBytes()).isEqualTo(bytes);
    }

    /**
     * The arena has the KV cache twice: the cache that the call gives, and the cache that it returns, with the new keys
     * and values at the end.
     */
    @Test
    void aKvCacheIsCopiedOnce() {
        Graph graph = Pipeline.standard().apply(SmallModels.graph("""
            graph (%x: f32[b,n,8], %pk: f32[b,2,p,4], %pv: f32[b,2,p,4]) {
              %w = const f32[8,24] @w8x24
              %heads = const i64[4] {0, 0, 2, 4}
              %whole = const i64[3] {0, 0, 8}
              %f = const f32[] {0.5}
              %qkv = MatMul(%x, %w)
              %sizes = const i64[3] {8, 8, 8}
              %q, %k, %v = Split<axis=2>(%qkv, %sizes)
              %q4 = Reshape(%q, %heads)
              %k4 = Reshape(%k, %heads)
              %v4 = Reshape(%v, %heads)
              %qh = Transpose<perm=[0, 2, 1, 3]>(%q4)
              %kh = Transpose<perm=[0, 2, 1, 3]>(%k4)
              %vh = Transpose<perm=[0, 2, 1, 3]>(%v4)
              %keys = Concat<axis=2>(%pk, %kh)
              %values = Concat<axis=2>(%pv, %vh)
              %kt = Transpose<perm=[0, 1, 3, 2]>(%keys)
              %s = MatMul(%qh, %kt)
              %d = Mul(%s, %f)
              %a = Softmax(%d)
              %o = MatMul(%a, %values)
              %t = Transpose<perm=[0, 2, 1, 3]>(%o)
              %y = Reshape(%t, %whole)
              return %y, %keys, %values
            }
            """));
        Program program = new Program(graph, CoreKernels.set(), Tier.capabilities());
        long past = 5000;
        Datum[] inputs = {
            Tensor.allocate(DType.FLOAT32, 1, 1, 8),
            Tensor.allocate(DType.FLOAT32, 1, 2, past, 4),
            Tensor.allocate(DType.FLOAT32, 1, 2, past, 4)
        };
        Plan plan = Planner.plan(program, ShapeKey.of(inputs), Long.MAX_VALUE);
        assertThat(ops(plan)).containsExactly("MatMul", "QkvAttention");
        assertThat(plan.steps().getLast().kernelId()).startsWith("attention_f32_");
        long keys = 2 * past * 4 * Float.BYTES;
        assertThat(plan.outputs()).allSatisfy(o -> assertThat(o).isInstanceOf(InBuffer.class));
        assertThat(plan.arenaBytes()).isBetween(4 * keys, 4 * keys + keys / 8);
        assertThat(plan.memory().scratchBytes()).isLessThan(keys);
    }
}
