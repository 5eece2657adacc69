package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Value;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The results of each pass as text, a comparison of the numbers, and graphs that a pass leaves alone. */
class PassesTest {
    /** Folding, and the pass that drops the constants that nothing uses any more. */
    private static final Pipeline FOLDING = new Pipeline(List.of(new ConstantFolding(), new DeadCodeElimination()));

    private static void becomes(UnaryOperator<Graph> pass, String before, String after, Tensor... inputs) {
        Graph graph = Graphs.parse(before);
        Graph result = pass.apply(graph);
        GraphVerifier.verify(result);
        assertThat(GraphText.print(result)).isEqualTo(after);
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(graph, inputs));
        assertThat(pass.apply(result)).as("a second time").isSameAs(result);
        Rewrites.checkNearMisses((g, trace) -> pass.apply(g), "pass", graph, true);
    }

    private static void stays(Pass pass, String text) {
        Graph graph = Graphs.parse(text);
        assertThat(pass.apply(graph)).isSameAs(graph);
    }

    private static Tensor floats(float... values) {
        return Tensor.of(values);
    }

    @Test
    void foldingComputesConstants() {
        becomes(FOLDING::apply, """
            graph main(%x: f32[2]) {
              %a = const f32[2] {1.0, 2.0}
              %b = const f32[2] {3.0, 4.0}
              %c = Add(%a, %b)
              %d = Mul(%c, %c)
              %y = Add(%x, %d)
              return %y, constant=%c
            }
            """, """
            graph main(%x: f32[2]) {
              %d = const f32[2] {16.0, 36.0}
              %c = const f32[2] {4.0, 6.0}
              %y: f32[2] = Add(%x, %d)
              return %y, constant=%c
            }
            """, floats(1, 1));
    }

    @Test
    void foldingUsesShapesThatInferenceKnows() {
        becomes(FOLDING::apply, """
            graph main(%x: f32[2,3]) {
              %one = const i64[1] {1}
              %s = Shape(%x)
              %n = Gather(%s, %one)
              %y = Expand(%one, %n)
              return %y
            }
            """, """
            graph main(%x: f32[2,3]) {
              %y = const i64[3] {1, 1, 1}
              return %y
            }
            """, Tensor.of(new float[6], 2, 3));
    }

    @Test
    void foldingLeavesValuesThatDependOnInputs() {
        stays(new ConstantFolding(), """
            graph main(%x: f32[n]) {
              %a = const f32[1] {1.0}
              %y = Add(%x, %a)
              %s = Shape(%x)
              return %y, %s
            }
            """);
    }

    @Test
    void foldingRefusesResultsThatAreTooLarge() {
        stays(new ConstantFolding(), """
            graph main() {
              %s = const i64[2] {5000, 5000}
              %y = ConstantOfShape(%s)
              return %y
            }
            """);
    }

    @Test
    void foldingComputesWeightsThatAreLargerThanTheirOperands() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[2,1000]) {
              %s = const i64[2] {1000, 300}
              %w = ConstantOfShape(%s)
              %y = MatMul(%x, %w)
              return %y
            }
            """);
        assertThat(operators(new ConstantFolding().apply(graph))).containsExactly("MatMul");
    }

    @Test
    void foldingLeavesFailuresToTheRun() {
        stays(new ConstantFolding(), """
            graph main() {
              %a = const f32[2] {1.0, 2.0}
              %i = const i64[1] {7}
              %y = GatherElements(%a, %i)
              return %y
            }
            """);
    }

    /** An operator that gives another result each time. */
    record Dice() implements Op {
        static final OpSchema SCHEMA =
                OpSchema.of("test", "Dice").input("x", "T").output("y", "T").where("T", Types.FLOATS);

        @Override
        public OpSchema schema() {
            return SCHEMA;
        }

        @Override
        public List<ValueType> infer(InferContext c) {
            return List.of(c.type(0));
        }

        @Override
        public List<Datum> reference(Operands in) {
            return List.of(in.get(0));
        }

        @Override
        public boolean deterministic() {
            return false;
        }
    }

    @Test
    void chanceIsNeitherFoldedNorShared() {
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.constant("x", floats(1));
        Graph graph = builder.output(builder.add(new Dice(), x))
                .output(builder.add(new Dice(), x))
                .build();
        assertThat(new ConstantFolding().apply(graph)).isSameAs(graph);
        assertThat(new CommonSubexpressions().apply(graph)).isSameAs(graph);
    }

    @Test
    void equalNodesAreComputedOnce() {
        becomes(new CommonSubexpressions()::apply, """
            graph main(%x: f32[2]) {
              %a = const f32[1] {1.0}
              %b = const f32[1] {1.0}
              %c = Add(%x, %a) "first"
              %d = Add(%x, %b) "second"
              %y = Mul(%c, %d)
              return %y
            }
            """, """
            graph main(%x: f32[2]) {
              %a = const f32[1] {1.0}
              %c: f32[2] = Add(%x, %a) "first"
              %y: f32[2] = Mul(%c, %c)
              return %y
            }
            """, floats(2, 3));
    }

    @Test
    void nodesWithOtherAttributesOperandsOrOutputsStay() {
        stays(new CommonSubexpressions(), """
            graph main(%x: f32[2,2], %z: f32[2,2]) {
              %k = const i64[1] {1}
              %zero = const f32[1] {0.0}
              %minus = const f32[1] {-0.0}
              %a = Softmax(%x)
              %b = Softmax<axis=0>(%x)
              %c = Softmax(%z)
              %v, _ = TopK(%x, %k)
              _, %i = TopK(%x, %k)
              %d = Sub(%x, %z)
              %e = Sub(%z, %x)
              %f = Add(%x, %zero)
              %g = Add(%x, %minus)
              return %a, %b, %c, %v, %i, %d, %e, %f, %g
            }
            """);
    }

    @Test
    void anOutputThatIsSharedKeepsItsName() {
        becomes(new CommonSubexpressions()::apply, """
            graph main(%x: f32[2]) {
              %a = Neg(%x)
              %b = Neg(%x)
              return %a, %b
            }
            """, """
            graph main(%x: f32[2]) {
              %a: f32[2] = Neg(%x)
              return %a, b=%a
            }
            """, floats(2, 3));
    }

    @Test
    void nodesThatNoOutputNeedsAreDropped() {
        becomes(new DeadCodeElimination()::apply, """
            graph main(%x: f32[2], %unused: f32[2]) {
              %a = const f32[1] {1.0}
              %b = const f32[1] {2.0}
              %c = Add(%x, %a)
              %d = Add(%x, %b)
              %e = Mul(%d, %d)
              return %c
            }
            """, """
            graph main(%x: f32[2], %unused: f32[2]) {
              %a = const f32[1] {1.0}
              %c: f32[2] = Add(%x, %a)
              return %c
            }
            """, floats(1, 2), floats(0, 0));
    }

    @Test
    void nodesOfWhichOneOutputIsNeededStay() {
        stays(new DeadCodeElimination(), """
            graph main(%x: f32[4]) {
              %a, %b = Split<num_outputs=2>(%x)
              return %b
            }
            """);
    }

    private static String branches(String body) {
        return """
            graph main(%x: f32[2], %c: bool[]) {
              %y: f32[2] = If<else_branch=graph (%a: f32[2]) {
                return %a
              }, then_branch=graph (%a: f32[2]) {
            BODY  }>(%c, %x)
              return %y
            }
            """.replace("BODY", body.indent(4));
    }

    private static void becomesInBodies(UnaryOperator<Graph> pass, String before, String after) {
        Tensor x = floats(1, 2);
        becomes(pass, branches(before), branches(after), x, Tensor.scalar(true));
        becomes(pass, branches(before), branches(after), x, Tensor.scalar(false));
    }

    @Test
    void bodiesAreTreatedTheSame() {
        becomesInBodies(FOLDING::apply, """
            %w = const f32[1] {3.0}
            %v: f32[1] = Neg(%w)
            %h: f32[2] = Mul(%a, %v)
            return %h
            """, """
            %v = const f32[1] {-3.0}
            %h: f32[2] = Mul(%a, %v)
            return %h
            """);
        becomesInBodies(new CommonSubexpressions()::apply, """
            %g: f32[2] = Neg(%a)
            %h: f32[2] = Neg(%a)
            %i: f32[2] = Add(%g, %h)
            return %i
            """, """
            %g: f32[2] = Neg(%a)
            %i: f32[2] = Add(%g, %g)
            return %i
            """);
        becomesInBodies(new DeadCodeElimination()::apply, """
            %w = const f32[1] {3.0}
            %g: f32[2] = Neg(%a)
            %h: f32[2] = Abs(%a)
            return %h
            """, """
            %h: f32[2] = Abs(%a)
            return %h
            """);
        String settled = "%g: f32[2] = Neg(%a)\nreturn %g\n";
        for (Pass pass : Pipeline.standard().simplification()) {
            stays(pass, branches(settled));
        }
    }

    @Test
    void bodiesInBodiesAreReached() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[1], %n: i64[]) {
              %y = Loop<body=graph b(%i: i64[], %go: bool[], %v: f32[1]) {
                %u = If<then_branch=graph t(%a: f32[1]) {
                  %p = const f32[1] {1.0}
                  %q = Add(%p, %p)
                  %r = Add(%a, %q)
                  return %r
                }, else_branch=graph e(%a: f32[1]) {
                  return %a
                }>(%go, %v)
                return %go, %u
              }>(%n, _, %x)
              return %y
            }
            """);
        Graph result = Pipeline.standard().apply(graph);
        GraphVerifier.verify(result);
        assertThat(GraphText.print(result)).contains("%q = const f32[1] {2.0}").doesNotContain("%p");
        Tensor[] inputs = {floats(1), Tensor.scalar(3L)};
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(graph, inputs));
        assertThat(((Tensor) Graphs.run(result, inputs).getFirst()).getFloat(0)).isEqualTo(7f);
    }

    @Test
    void thePipelineNamesItsPassesAndLeavesASettledGraph() {
        assertThat(Pipeline.standard().simplification().stream().map(Pass::name))
                .containsExactly(
                        "block-weights",
                        "constant-folding",
                        "common-subexpressions",
                        "dead-code-elimination",
                        "rewriting",
                        "kv-cache-fusion",
                        "captured-constants",
                        "narrow-constants");
        Graph graph = Graphs.parse("graph main(%x: f32[2]) { %y = Neg(%x) return %y }");
        assertThat(Pipeline.standard().apply(graph)).isSameAs(graph);
    }

    @Test
    void symbolsOfCopiesStayApart() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[?1]) {
              %w = const f32[1] {1.0}
              %v = Neg(%w)
              %h = Mul(%x, %v)
              %y = NonZero(%h)
              return %y, %h
            }
            """);
        Graph result = new ConstantFolding().apply(graph);
        assertThat(result.outputs().get(0).tensorType().shape().dim(1))
                .as("the count of what is not zero")
                .isNotEqualTo(result.outputs().get(1).tensorType().shape().dim(0));
    }

    @Test
    void aGraphIsCopiedWithAnotherOperator() {
        Graph graph = Graphs.parse("graph main(%x: f32[2]) { %y = Neg(%x) \"n\" return out=%y }");
        GraphCopy copy = new GraphCopy(graph);
        Op abs = Graphs.OPERATORS.find("", "Abs").orElseThrow().create(Attributes.none());
        copy.copy(graph.nodes().getFirst(), abs);
        Graph result = copy.build();
        assertThat(GraphText.print(result))
                .isEqualTo("graph main(%x: f32[2]) {\n  %y: f32[2] = Abs(%x) \"n\"\n  return out=%y\n}\n");
        assertThat(copy.of(null)).isNull();
        assertThat(copy.builder().isTaken("y")).isTrue();
        assertThat(result.inputs().getFirst().tensorType().dtype()).isEqualTo(DType.FLOAT32);
    }

    private static List<String> operators(Graph graph) {
        return graph.nodes().stream().map(node -> node.op().schema().name()).toList();
    }

    private static Graph checked(Pass pass, Graph graph, Tensor... inputs) {
        Graph result = pass.apply(graph);
        GraphVerifier.verify(result);
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(graph, inputs));
        assertThat(pass.apply(result)).as("a second time").isSameAs(result);
        return result;
    }

    @Test
    void constantsThatBodiesUseMoveIntoThem() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[2], %b: bool[]) {
              %w = const f32[2] {1.0, 2.0}
              %y = If<else_branch=graph e(%a: f32[2], %v: f32[2]) {
                %m = Mul(%a, %v)
                return %m
              }, then_branch=graph t(%a: f32[2], %v: f32[2]) {
                return %v
              }>(%b, %x, %w)
              return %y
            }
            """);
        Graph result = checked(new CapturedConstants(), graph, floats(3, 4), Tensor.scalar(false));
        assertThat(result.nodes().getFirst().inputs()).hasSize(2);
        Graphs.requireEqual(
                Graphs.run(result, floats(3, 4), Tensor.scalar(true)),
                Graphs.run(graph, floats(3, 4), Tensor.scalar(true)));
    }

    @Test
    void capturedConstantsMoveIntoBodies() {
        String before = """
            graph main(%x: f32[2], %b: bool[]) {
              %w = const f32[2] {1, 2}
              %y = If<else_branch=graph e(%a: f32[2], %v: f32[2]) {
                %m = Mul(%a, %v)
                return %m
              }, then_branch=graph t(%a: f32[2], %v: f32[2]) {
                %n = Add(%v, %a)
                return %n
              }>(%b, %x, %w)
              return %y
            }
            """;
        becomes(
                new CapturedConstants()::apply,
                before,
                GraphText.print(Graphs.parse("""
            graph main(%x: f32[2], %b: bool[]) {
              %y = If<else_branch=graph e(%a: f32[2]) {
                %v = const f32[2] {1, 2}
                %m = Mul(%a, %v)
                return %m
              }, then_branch=graph t(%a: f32[2]) {
                %v = const f32[2] {1, 2}
                %n = Add(%v, %a)
                return %n
              }>(%b, %x)
              return %y
            }
            """)),
                floats(3, 4),
                Tensor.scalar(true));
        stays(
                new CapturedConstants(),
                before.replace("%b: bool[]", "%b: bool[], %w: f32[2]").replace("%w = const f32[2] {1, 2}\n", "\n"));
    }
}
