package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.CpuTime;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The operators that are fused, with the same results, and those that are not. */
class FusionTest {
    private static final Pass PASS = new Fusion();

    private static void becomes(String before, String after, Tensor... inputs) {
        Graph graph = Graphs.parse(before);
        Graph result = PASS.apply(graph);
        GraphVerifier.verify(result);
        assertThat(GraphText.print(result)).isEqualTo(after);
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(graph, inputs));
        assertThat(PASS.apply(result)).as("a second time").isSameAs(result);
        Rewrites.checkNearMisses(PASS::apply, PASS.name(), graph, true);
    }

    private static void stays(String text) {
        Graph graph = Graphs.parse(text);
        assertThat(PASS.apply(graph)).isSameAs(graph);
    }

    @Test
    void aChainIsOne() {
        becomes("""
            graph main(%x: f32[n,3], %b: f32[3]) {
              %half = const f32[] {0.5}
              %a = Mul(%x, %half)
              %s = Add(%a, %b) "sum"
              %y = Relu(%s) "last"
              return %y
            }
            """, """
            graph main(%x: f32[n,3], %b: f32[3]) {
              %half = const f32[] {0.5}
              %y: f32[n,3] = dev.tenon.Fused<inputs=3, operands=[[0, 1], [3, 2], [4]], ops=["Mul", "Add", "Relu"]>\
            (%x, %half, %b) "last"
              return %y
            }
            """, Tensor.of(new float[] {1, -2, 3, 4, 5, -6}, 2, 3), Tensor.of(new float[] {1, 1, -2}));
    }

    @Test
    void aValueUsedTwiceInOneGroupIsInIt() {
        becomes("""
            graph main(%x: f32[4]) {
              %s = Neg(%x)
              %a = Abs(%s)
              %y = Mul(%s, %a)
              return %y
            }
            """, """
            graph main(%x: f32[4]) {
              %y: f32[4] = dev.tenon.Fused<inputs=1, operands=[[0], [1], [1, 2]], ops=["Neg", "Abs", "Mul"]>(%x)
              return %y
            }
            """, Tensor.of(new float[] {1, -2, 3, 0}));
    }

    @Test
    void operatorsAfterAProductOfIntegersAreFused() {
        becomes(
                """
            graph main(%x: u8[n,2], %z: u8[], %s: f32[], %b: f32[2]) {
              %w = const i8[2,2] {1, -2, 3, 4}
              %n = Neg(%b)
              %p = MatMulInteger(%x, %w, %z)
              %f = Cast<to=1>(%p)
              %m = Mul(%f, %s)
              %y = Add(%n, %m)
              return %y
            }
            """,
                """
            graph main(%x: u8[n,2], %z: u8[], %s: f32[], %b: f32[2]) {
              %w = const i8[2,2] {1, -2, 3, 4}
              %n: f32[2] = Neg(%b)
              %y: f32[n,2] = dev.tenon.Fused<1.to=1, inputs=5, operands=[[0, 1, 2], [5], [6, 3], [4, 7]], \
            ops=["MatMulInteger", "Cast", "Mul", "Add"]>(%x, %w, %z, %s, %n)
              return %y
            }
            """,
                Tensor.convert(DType.UINT8, new long[] {1, 2, 3, 200}).reshape(2, 2),
                Tensor.convert(DType.UINT8, new long[] {3}).reshape(),
                Tensor.scalar(0.5f),
                Tensor.of(new float[] {1, -2}));
    }

    @Test
    void operatorsAfterAProductAreFused() {
        becomes("""
            graph main(%x: f32[n,2]) {
              %w = const f32[2,2] {1.0, 2.0, 3.0, 4.0}
              %b = const f32[2] {-9.0, 1.0}
              %p = MatMul(%x, %w) "product"
              %s = Add(%b, %p)
              %r = Relu(%s)
              %y = Add(%r, %x) "residual"
              return %y
            }
            """, """
            graph main(%x: f32[n,2]) {
              %w = const f32[2,2] {1.0, 2.0, 3.0, 4.0}
              %b = const f32[2] {-9.0, 1.0}
              %y: f32[n,2] = dev.tenon.Fused<inputs=4, operands=[[0, 1], [2, 4], [5], [6, 3]], \
            ops=["MatMul", "Add", "Relu", "Add"]>(%x, %w, %b, %x) "product"
              return %y
            }
            """, Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
    }

    @Test
    void oneOperatorAfterAConvolutionIsEnough() {
        becomes(
                """
            graph main(%x: f32[1,1,h,w], %k: f32[2,1,1,1], %b: f32[2]) {
              %c = Conv(%x, %k, %b)
              %y = Relu(%c)
              return %y
            }
            """,
                """
            graph main(%x: f32[1,1,h,w], %k: f32[2,1,1,1], %b: f32[2]) {
              %y: f32[1,2,h,w] = dev.tenon.Fused<inputs=3, operands=[[0, 1, 2], [3]], ops=["Conv", "Relu"]>\
            (%x, %k, %b)
              return %y
            }
            """,
                Tensor.of(new float[] {1, -2}, 1, 1, 1, 2),
                Tensor.of(new float[] {1, -1}, 2, 1, 1, 1),
                Tensor.of(new float[] {0, 1}));
    }

    @Test
    void oneOfTwoProductsIsTheAnchor() {
        becomes("""
            graph main(%x: f32[2,2], %w: f32[2,2], %v: f32[2,2]) {
              %p = MatMul(%x, %w)
              %q = MatMul(%x, %v)
              %y = Add(%p, %q)
              return %y
            }
            """, """
            graph main(%x: f32[2,2], %w: f32[2,2], %v: f32[2,2]) {
              %p: f32[2,2] = MatMul(%x, %w)
              %y: f32[2,2] = dev.tenon.Fused<inputs=3, operands=[[0, 1], [2, 3]], ops=["MatMul", "Add"]>(%x, %v, %p)
              return %y
            }
            """, square(1), square(2), square(3));
    }

    @Test
    void operatorsAfterATransposedConvolutionAreFused() {
        becomes(
                """
            graph main(%x: f32[1,1,h,w], %r: f32[1,1,2*h,2*w]) {
              %k = const f32[1,1,2,2] {1.0, 2.0, 3.0, -4.0}
              %c = ConvTranspose<strides=[2, 2]>(%x, %k)
              %s = Sigmoid(%c)
              %y = Add(%s, %r)
              return %y
            }
            """,
                """
            graph main(%x: f32[1,1,h,w], %r: f32[1,1,2*h,2*w]) {
              %k = const f32[1,1,2,2] {1.0, 2.0, 3.0, -4.0}
              %y: f32[1,1,2*h,2*w] = dev.tenon.Fused<0.strides=[2, 2], inputs=3, operands=[[0, 1], [3], [4, 2]], \
            ops=["ConvTranspose", "Sigmoid", "Add"]>(%x, %k, %r)
              return %y
            }
            """,
                Tensor.of(new float[] {1, -2}, 1, 1, 1, 2),
                Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 1, 2, 4));
        becomes("""
            graph main(%x: f32[1,h,w,1]) {
              %k = const f32[1,1,1,2] {1.0, -2.0}
              %c = dev.tenon.ChannelsLast<op="ConvTranspose", strides=[1, 2]>(%x, %k)
              %y = Relu(%c)
              return %y
            }
            """, """
            graph main(%x: f32[1,h,w,1]) {
              %k = const f32[1,1,1,2] {1.0, -2.0}
              %y: f32[1,h,2*w,1] = dev.tenon.Fused<0.op="ConvTranspose", 0.strides=[1, 2], inputs=2, \
            operands=[[0, 1], [2]], ops=["ChannelsLast", "Relu"]>(%x, %k)
              return %y
            }
            """, Tensor.of(new float[] {1, -2}, 1, 1, 2, 1));
    }

    @Test
    void aTransposedConvolutionOfThreeAxesStays() {
        stays("""
            graph main(%x: f32[1,1,2,2,2], %k: f32[1,1,2,2,2]) {
              %c = ConvTranspose(%x, %k)
              %y = Relu(%c)
              return %y
            }
            """);
    }

    private static Tensor square(float first) {
        return Tensor.of(new float[] {first, 2, 3, -4}, 2, 2);
    }

    @Test
    void operatorsBeforeAndAfterAReductionAreFused() {
        becomes(
                """
            graph main(%x: f32[n,3], %m: f32[n,1], %e: f32[]) {
              %axes = const i64[1] {-1}
              %a = Mul(%x, %m)
              %b = Abs(%a)
              %s = ReduceSum(%b, %axes) "sum"
              %t = Add(%s, %e)
              %y = Sqrt(%t)
              return %y
            }
            """,
                """
            graph main(%x: f32[n,3], %m: f32[n,1], %e: f32[]) {
              %axes = const i64[1] {-1}
              %y: f32[n,1] = dev.tenon.Fused<inputs=4, operands=[[0, 1], [4], [5, 2], [6, 3], [7]], \
            ops=["Mul", "Abs", "ReduceSum", "Add", "Sqrt"], prologue=2>(%x, %m, %axes, %e) "sum"
              return %y
            }
            """,
                Tensor.of(new float[] {1, -2, 3, 4, 5, -6}, 2, 3),
                Tensor.of(new float[] {1, -2}, 2, 1),
                Tensor.scalar(0.5f));
    }

    @Test
    void oneOperatorBeforeOrAfterAReductionIsEnough() {
        becomes("""
            graph main(%x: f32[n,3]) {
              %a = Abs(%x)
              %y = ReduceMax<keepdims=0>(%a)
              return %y
            }
            """, """
            graph main(%x: f32[n,3]) {
              %y: f32[] = dev.tenon.Fused<1.keepdims=0, inputs=1, operands=[[0], [1]], ops=["Abs", "ReduceMax"], \
            prologue=1>(%x)
              return %y
            }
            """, Tensor.of(new float[] {1, -2, 3}, 1, 3));
        becomes("""
            graph main(%x: f32[n,3]) {
              %s = Softmax(%x)
              %y = Neg(%s)
              return %y
            }
            """, """
            graph main(%x: f32[n,3]) {
              %y: f32[n,3] = dev.tenon.Fused<inputs=1, operands=[[0], [1]], ops=["Softmax", "Neg"]>(%x)
              return %y
            }
            """, Tensor.of(new float[] {1, -2, 3}, 1, 3));
    }

    @Test
    void softmaxTakesScaleAndMask() {
        becomes(
                """
            graph main(%x: f32[n,2,3], %mask: f32[n,1,3]) {
              %half = const f32[] {0.5}
              %a = Mul(%x, %half)
              %b = Add(%a, %mask)
              %y = Softmax(%b)
              return %y
            }
            """,
                """
            graph main(%x: f32[n,2,3], %mask: f32[n,1,3]) {
              %half = const f32[] {0.5}
              %y: f32[n,2,3] = dev.tenon.Fused<inputs=3, operands=[[0, 1], [3, 2], [4]], \
            ops=["Mul", "Add", "Softmax"], prologue=2>(%x, %half, %mask)
              return %y
            }
            """, Tensor.of(new float[] {1, -2, 3, 4, 5, -6}, 1, 2, 3), Tensor.of(new float[] {0, -9, 1}, 1, 1, 3));
    }

    @Test
    void operatorsAfterAProductStayWithItBeforeAReduction() {
        becomes("""
            graph main(%x: f32[n,2], %w: f32[2,2]) {
              %p = MatMul(%x, %w)
              %a = Sigmoid(%p)
              %b = Mul(%a, %p)
              %c = Abs(%b)
              %y = ReduceMean(%c)
              return %y
            }
            """, """
            graph main(%x: f32[n,2], %w: f32[2,2]) {
              %c: f32[n,2] = dev.tenon.Fused<inputs=2, operands=[[0, 1], [2], [3, 2], [4]], \
            ops=["MatMul", "Sigmoid", "Mul", "Abs"]>(%x, %w)
              %y: f32[1,1] = ReduceMean(%c)
              return %y
            }
            """, Tensor.of(new float[] {1, 2, 3, 4}, 2, 2), square(2));
    }

    @Test
    void sharedResultsOfProductsAreReadBeforeAReduction() {
        becomes("""
            graph main(%x: f32[n,2], %w: f32[2,2]) {
              %p = MatMul(%x, %w)
              %r = Add(%p, %x)
              %s = Mul(%r, %r)
              %y = ReduceMean(%s)
              return %y, %r
            }
            """, """
            graph main(%x: f32[n,2], %w: f32[2,2]) {
              %r: f32[n,2] = dev.tenon.Fused<inputs=3, operands=[[0, 1], [3, 2]], ops=["MatMul", "Add"]>(%x, %w, %x)
              %y: f32[1,1] = dev.tenon.Fused<inputs=1, operands=[[0, 0], [1]], ops=["Mul", "ReduceMean"], prologue=1>(%r)
              return %y, %r
            }
            """, Tensor.of(new float[] {1, 2, 3, 4}, 2, 2), square(2));
    }

    @Test
    void reductionsWithoutAKernelOrOfSharedValuesStay() {
        stays("""
            graph main(%x: f32[n,3], %axes: i64[k]) {
              %a = Abs(%x)
              %y = ReduceSum(%a, %axes)
              return %y
            }
            """);
        stays("""
            graph main(%x: f32[2,2,2,2,2]) {
              %axes = const i64[3] {0, 2, 4}
              %a = Abs(%x)
              %y = ReduceSum(%a, %axes)
              return %y
            }
            """);
        stays("""
            graph main(%x: f64[n,3]) {
              %a = Abs(%x)
              %y = ReduceSum(%a)
              return %y
            }
            """);
        stays("""
            graph main(%x: f32[n,3]) {
              %a = Abs(%x)
              %m = ReduceMax(%a)
              %y = Sub(%a, %m)
              return %y
            }
            """);
        stays("""
            graph main(%x: f32[1,3], %w: f32[n,3]) {
              %y = ReduceSum(%x)
              %z = Add(%y, %w)
              return %z
            }
            """);
    }

    @Test
    void sharedValuesStayOutside() {
        becomes("""
            graph main(%x: f32[4]) {
              %a = Neg(%x)
              %b = Abs(%a)
              %c = Relu(%b)
              %d = Mul(%c, %c)
              return %d, %b
            }
            """, """
            graph main(%x: f32[4]) {
              %b: f32[4] = dev.tenon.Fused<inputs=1, operands=[[0], [1]], ops=["Neg", "Abs"]>(%x)
              %d: f32[4] = dev.tenon.Fused<inputs=1, operands=[[0], [1, 1]], ops=["Relu", "Mul"]>(%b)
              return %d, %b
            }
            """, Tensor.of(new float[] {1, -2, 3, 0}));
    }

    @Test
    void operandsLeftOutStayLeftOut() {
        becomes("""
            graph main(%x: f32[4], %most: f32[]) {
              %a = Neg(%x)
              %y = Clip(%a, _, %most)
              return %y
            }
            """, """
            graph main(%x: f32[4], %most: f32[]) {
              %y: f32[4] = dev.tenon.Fused<inputs=2, operands=[[0], [2, -1, 1]], ops=["Neg", "Clip"]>(%x, %most)
              return %y
            }
            """, Tensor.of(new float[] {1, -2, 3, 0}), Tensor.scalar(1f));
    }

    @Test
    void smallerResultsAreComputedOnce() {
        stays("""
            graph main(%x: f32[n,4], %m: f32[n,1]) {
              %e = Exp(%m)
              %y = Mul(%x, %e)
              return %y
            }
            """);
    }

    @Test
    void aProductOfAnotherShapeStays() {
        stays("""
            graph main(%x: f32[1,4], %w: f32[4,4], %r: f32[n,4]) {
              %p = MatMul(%x, %w)
              %y = Add(%p, %r)
              return %y
            }
            """);
    }

    @Test
    void singleOperatorsAndShapeArithmeticStay() {
        stays("""
            graph main(%x: f32[n,4]) {
              %one = const i64[1] {1}
              %y = Neg(%x)
              %s = Shape(%x)
              %a = Add(%s, %one)
              %b = Mul(%a, %a)
              %z = Transpose<perm=[1, 0]>(%y)
              %n = Neg(%z)
              return %n, %b
            }
            """);
    }

    @Test
    void operandsThatOnlyNameATypeStay() {
        stays("""
            graph main(%x: f32[4], %like: f32[7,4]) {
              %n = Neg(%like)
              %y = CastLike(%x, %n)
              return %y
            }
            """);
    }

    @Test
    void typesWithoutLoopsStay() {
        stays("""
            graph main(%x: f16[4]) {
              %a = Neg(%x)
              %y = Abs(%a)
              return %y
            }
            """);
    }

    @Test
    void bodiesAreLeftToTheirOwnRun() {
        stays("""
            graph main(%x: f32[2], %c: bool[]) {
              %y = If<else_branch=graph e(%a: f32[2]) {
                return %a
              }, then_branch=graph t(%a: f32[2]) {
                %n = Neg(%a)
                %m = Abs(%n)
                return %m
              }>(%c, %x)
              %z = Neg(%y)
              return %z
            }
            """);
    }

    @Test
    void longChainsAndWideFansTakeLinearTime() {
        CpuTime.assertLinear("chain", fusingChain(2_500), fusingChain(10_000));
        CpuTime.assertLinear("fan", fusingFan(500), fusingFan(2_000));
    }

    private static Runnable fusingChain(int length) {
        GraphBuilder chain = new GraphBuilder("chain");
        Value v = chain.input("x", new TensorType(DType.FLOAT32, Shape.of(8)));
        for (int i = 0; i < length; i++) {
            v = i % 2 == 0 ? chain.add(new Neg(), v) : chain.add(new Relu(), v);
        }
        Graph graph = chain.output("y", v).build();
        return () -> {
            List<Node> nodes = PASS.apply(graph).nodes();
            assertThat(nodes.stream()
                            .mapToInt(n -> ((Fused) n.op()).body().size())
                            .sum())
                    .isEqualTo(length);
            assertThat(nodes).hasSizeLessThan(length / 16);
        };
    }

    private static Runnable fusingFan(int width) {
        GraphBuilder fan = new GraphBuilder("fan");
        Value x = fan.input("x", new TensorType(DType.FLOAT32, Shape.of(8)));
        Value sum = x;
        for (int i = 0; i < width; i++) {
            sum = fan.add(new Add(), sum, fan.add(new Neg(), x));
        }
        Graph graph = fan.output("y", sum).build();
        return () -> {
            Graph fused = PASS.apply(graph);
            GraphVerifier.verify(fused);
            assertThat(fused.nodes()).hasSizeLessThan(width / 5);
        };
    }

    /** Otherwise the kernels of the caller would never run. */
    @Test
    void operatorsWithKernelsOfTheCallerAreStepsOfTheirOwn() {
        Graph graph = Graphs.parse("""
                graph g(%x: f32[3,4], %w: f32[4,5]) {
                  %a = MatMul(%x, %w)
                  %b = Relu(%a)
                  %y = Neg(%b)
                  return %y
                }
                """);
        KernelLowering<Op> own = (op, step) -> null;
        assertThat(operators(graph, KernelSet.empty())).containsExactly("Fused");
        assertThat(operators(graph, KernelSet.empty().with(MatMul.class, own))).containsExactly("MatMul", "Fused");
        assertThat(operators(graph, KernelSet.empty().with(Relu.class, own))).containsExactly("MatMul", "Relu", "Neg");
    }

    private static List<String> operators(Graph graph, KernelSet own) {
        Target target = new Target(CoreKernels.set().plus(own), Capabilities.avx512());
        return new Fusion(target)
                .apply(graph, RewriteTrace.none()).nodes().stream()
                        .map(node -> node.op().schema().name())
                        .toList();
    }
}
