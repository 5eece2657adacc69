package dev.tenon.graph.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TenonException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Graphs;
import dev.tenon.op.Attributes;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlTest {
    private static final String DOUBLING = """
        graph main(%x: f32[n], %m: i64[], %c: bool[]) {
          %y, %all = Loop<body=graph b(%i: i64[], %go: bool[], %v: f32[n], %step: f32[n]) {
            %w = Add(%v, %step)
            %limit = const f32[] {10.0}
            %sum = ReduceSum<keepdims=0>(%w)
            %next = Less(%sum, %limit)
            return %next, %w, scan=%i
          }, carried=1>(%m, %c, %x, %x)
          return %y, %all
        }
        """;

    private static Tensor floats(float... values) {
        return Tensor.of(values);
    }

    private static void equal(Datum actual, Tensor expected) {
        Graphs.requireEqual(List.of(actual), List.of(expected));
    }

    @Test
    void loopsEndByTheirNumberOrByTheirCondition() {
        Graph graph = Graphs.parse(DOUBLING);
        List<Datum> counted = Graphs.run(graph, floats(1, 0), Tensor.scalar(3L), Tensor.scalar(true));
        equal(counted.get(0), floats(4, 0));
        equal(counted.get(1), Tensor.of(new long[] {0, 1, 2}));
        List<Datum> ended = Graphs.run(graph, floats(4, 0), Tensor.scalar(100L), Tensor.scalar(true));
        equal(ended.get(0), floats(12, 0));
        equal(ended.get(1), Tensor.of(new long[] {0, 1}));
    }

    @Test
    void loopsWithoutIterationsGiveTheirInitialValues() {
        Graph graph = Graphs.parse(DOUBLING);
        for (Tensor[] inputs : new Tensor[][] {
            {floats(1, 2), Tensor.scalar(0L), Tensor.scalar(true)},
            {floats(1, 2), Tensor.scalar(-5L), Tensor.scalar(true)},
            {floats(1, 2), Tensor.scalar(5L), Tensor.scalar(false)}
        }) {
            List<Datum> results = Graphs.run(graph, inputs);
            equal(results.get(0), floats(1, 2));
            equal(results.get(1), Tensor.allocate(DType.INT64, 0));
        }
    }

    @Test
    void scanOutputsOfLoopsWithoutIterationsHaveDimensionsOfOperands() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[n,2], %m: i64[]) {
              %y, %all = Loop<body=graph b(%i: i64[], %go: bool[], %v: f32[n,2]) {
                %w = Add(%v, %v)
                %t = Transpose<perm=[1, 0]>(%w)
                return %go, %w, %t
              }, carried=1>(%m, _, %x)
              return %y, %all
            }
            """);
        List<Datum> results = Graphs.run(graph, Tensor.allocate(DType.FLOAT32, 3, 2), Tensor.scalar(0L));
        equal(results.get(1), Tensor.allocate(DType.FLOAT32, 0, 2, 3));
    }

    @Test
    void theTypesOfLoops() {
        Graph graph = Graphs.parse(DOUBLING);
        assertThat(graph.outputs().get(0).type().toString()).isEqualTo("f32[n]");
        assertThat(graph.outputs().get(1).type().toString()).startsWith("i64[?");
        assertThat(((Loop) graph.nodes().getFirst().op()).captured()).isEqualTo(1);
    }

    @Test
    void scanOutputsOfStringsAndSmallTypesAreStacked() {
        Graph graph = Graphs.parse("""
            graph main(%s: string[1], %q: i4[3], %m: i64[]) {
              %a, %b = Loop<body=graph b(%i: i64[], %go: bool[], %s: string[1], %q: i4[3]) {
                return %go, %s, %q
              }, carried=0>(%m, _, %s, %q)
              return %a, %b
            }
            """);
        Tensor q = Tensor.convert(DType.INT4, new long[] {-8, 0, 7});
        List<Datum> results = Graphs.run(graph, Tensor.of(new String[] {"a"}), q, Tensor.scalar(2L));
        equal(results.get(0), Tensor.of(new String[] {"a", "a"}, 2, 1));
        equal(results.get(1), Tensor.convert(DType.INT4, new long[] {-8, 0, 7, -8, 0, 7}, 2, 3));
    }

    @Test
    void scanOutputsThatChangeTheirShapeAreRefused() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[?1], %m: i64[]) {
              %y, %all = Loop<body=graph b(%i: i64[], %go: bool[], %v: f32[?1]) {
                %w = Concat<axis=0>(%v, %v)
                return %go, %w, scan=%w
              }>(%m, _, %x)
              return %y, %all
            }
            """);
        equal(Graphs.run(graph, floats(1), Tensor.scalar(1L)).get(1), Tensor.of(new float[] {1, 1}, 1, 2));
        assertThatThrownBy(() -> Graphs.run(graph, floats(1), Tensor.scalar(2L)))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("scan output 0")
                .hasMessageContaining("iteration 1");
    }

    private static void refused(String text, String... parts) {
        assertThatThrownBy(() -> Graphs.parse(text))
                .isInstanceOf(TenonException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    private static String loop(String body, String operands) {
        return "graph main(%x: f32[2], %m: i64[]) { %y = Loop<body=graph b(" + body + "}>(" + operands
                + ") return %y }";
    }

    @Test
    void loopsThatDoNotFitTheirBodyAreRefused() {
        String kept = "%i: i64[], %go: bool[], %v: f32[2]) { return %go, %v ";
        refused(loop(kept, "%m, _"), "Loop", "inputs");
        refused(loop(kept, "%m, _, %m"), "carried value 0 is i64[]", "f32[2]");
        refused(loop(kept, "%m, _, _"), "carried value 0 is missing");
        refused(
                loop("%i: i64[], %go: bool[], %v: f32[3]) { return %go, %v ", "%m, _, %x"),
                "carried value 0",
                "f32[3]");
        refused(
                loop("%i: i64[], %go: bool[], %v: f32[2]) { %w = Concat<axis=0>(%v, %v) return %go, %w ", "%m, _, %x"),
                "carried value 0 after an iteration is f32[4]",
                "f32[2]");
        refused(loop("%i: i64[]) { return %i ", "%m, _"), "a body of 1 inputs");
    }

    @Test
    void loopsWithoutAProperConditionAreRefused() {
        String given = ", %v: f32[2]) { ";
        refused(
                loop("%i: i64[], %go: bool[]" + given + "return next=%v, %v ", "%m, _, %x"),
                "the condition after an iteration is f32[2]",
                "a tensor of BOOL");
        refused(
                loop("%i: i64[], %go: seq(bool[])" + given + "return %go, %v ", "%m, _, %x"),
                "the condition of an iteration is seq(bool[])");
        refused(
                loop("%i: f32[], %go: bool[]" + given + "return %go, %v ", "%m, _, %x"),
                "the number of an iteration is f32[]",
                "a tensor of INT64");
    }

    @Test
    void conditionsOfLoopsHaveOneElement() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[2], %m: i64[?1], %c: bool[?2], %next: bool[?3]) {
              %y = Loop<body=graph b(%i: i64[], %go: bool[], %v: f32[2], %n: bool[?3]) {
                return %n, %v
              }, carried=1>(%m, %c, %x, %next)
              return %y
            }
            """);
        Tensor one = Tensor.of(new long[] {1});
        Tensor yes = Tensor.of(new boolean[] {true});
        equal(Graphs.run(graph, floats(1, 2), one, yes, yes).getFirst(), floats(1, 2));
        Tensor none = Tensor.allocate(DType.BOOL, 0);
        for (Tensor[] operands : new Tensor[][] {
            {floats(1, 2), Tensor.allocate(DType.INT64, 0), yes, yes},
            {floats(1, 2), one, none, yes},
            {floats(1, 2), one, yes, none}
        }) {
            assertThatThrownBy(() -> Graphs.run(graph, operands))
                    .isInstanceOf(InvalidOperandException.class)
                    .hasMessageContaining("one element");
        }
    }

    private static final String CHOOSING = """
        graph main(%x: f32[n], %z: f32[2], %c: bool[]) {
          %y, %same = If<then_branch=graph t(%a: f32[n], %b: f32[2]) {
            return %a, two=%b
          }, else_branch=graph e(%a: f32[n], %b: f32[2]) {
            %d = Neg(%b)
            return %b, %d
          }>(%c, %x, %z)
          return %y, %same
        }
        """;

    @Test
    void oneOfTwoBranchesRuns() {
        Graph graph = Graphs.parse(CHOOSING);
        List<Datum> then = Graphs.run(graph, floats(1, 2, 3), floats(4, 5), Tensor.scalar(true));
        equal(then.get(0), floats(1, 2, 3));
        equal(then.get(1), floats(4, 5));
        List<Datum> otherwise = Graphs.run(graph, floats(1, 2, 3), floats(4, 5), Tensor.of(new boolean[] {false}));
        equal(otherwise.get(0), floats(4, 5));
        equal(otherwise.get(1), floats(-4, -5));
    }

    @Test
    void typesOfBranchesAreJoined() {
        Graph graph = Graphs.parse(CHOOSING);
        assertThat(graph.outputs().get(0).type().toString()).matches("f32\\[\\?\\d+\\]");
        assertThat(graph.outputs().get(1).type().toString()).isEqualTo("f32[2]");
        Graph ranks = Graphs.parse("""
            graph main(%x: f32[2], %c: bool[]) {
              %y = If<then_branch=graph t(%a: f32[2]) {
                return %a
              }, else_branch=graph e(%a: f32[2]) {
                %s = ReduceSum<keepdims=0>(%a)
                return %s
              }>(%c, %x)
              return %y
            }
            """);
        assertThat(ranks.outputs().getFirst().tensorType().shape().hasRank()).isFalse();
    }

    @Test
    void dimensionsKnownInsideOfABranchOnlyAreUnknownOutside() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[?1], %c: bool[]) {
              %y = If<then_branch=graph t(%a: f32[?1]) {
                %n = NonZero(%a)
                return %n
              }, else_branch=graph e(%a: f32[?1]) {
                %n = NonZero(%a)
                return %n
              }>(%c, %x)
              return %y
            }
            """);
        Graph then = ((If) graph.nodes().getFirst().op()).thenBranch();
        assertThat(graph.outputs().getFirst().tensorType().shape().dim(1))
                .isNotEqualTo(then.outputs().getFirst().tensorType().shape().dim(1))
                .isNotEqualTo(graph.inputs().getFirst().tensorType().shape().dim(0));
    }

    private static String branches(String then, String otherwise, String operands) {
        return "graph main(%x: f32[2], %i: i64[2], %c: bool[]) { %y = If<then_branch=graph t(" + then
                + "}, else_branch=graph e(" + otherwise + "}>(" + operands + ") return %y }";
    }

    @Test
    void branchesThatDoNotFitAreRefused() {
        String one = "%a: f32[2]) { return %a ";
        refused(branches(one, "%a: f32[2]) { return %a, b=%a ", "%c, %x"), "branches of 1 and 2 outputs");
        refused(branches(one, "%a: f32[2], %b: f32[2]) { return %a ", "%c, %x"), "1 and 2 inputs");
        refused(branches(one, one, "%c"), "If", "1 inputs");
        refused(branches(one, one, "%c, %i"), "captured value 0 is i64[2]");
        refused(branches(one, one, "%c, _"), "captured value 0 is missing");
        refused(branches(one, one, "%x, %x"), "If", "cond");
        refused(
                branches(one, "%a: f32[2]) { %b = const i64[2] {1, 2} return %b ", "%c, %x"),
                "output 0 is f32[2] or i64[2]");
    }

    @Test
    void aConditionHasOneElement() {
        Graph empty = new GraphBuilder("empty").build();
        If op = new If(empty, empty);
        assertThatThrownBy(() -> op.reference(Operands.of(op, Tensor.of(new boolean[] {true, false}))))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("one element");
        assertThat(op.reference(Operands.of(op, Tensor.scalar(true)))).isEmpty();
    }

    @Test
    void operatorsAreMadeOfTheirAttributesAgain() {
        Graph graph = Graphs.parse(DOUBLING);
        Loop loop = (Loop) graph.nodes().getFirst().op();
        assertThat(Loop.of(loop.attributes())).isEqualTo(loop);
        If branch = (If) Graphs.parse(CHOOSING).nodes().getFirst().op();
        assertThat(If.of(branch.attributes())).isEqualTo(branch);
        assertThat(branch.withBodies(branch.bodies())).isEqualTo(branch);
        assertThat(loop.withBodies(loop.bodies())).isEqualTo(loop);
        assertThatThrownBy(() -> If.of(Attributes.none()))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("then_branch");
        assertThatThrownBy(() -> Loop.of(Attributes.none().with("body", 1L))).isInstanceOf(TenonException.class);
        assertThat(branch.deterministic()).isTrue();
    }
}
