package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is folded, what is not, and what the trace tells of it. */
class ConstantFoldingTest {
    /** The operators that are left of a graph whose results must be equal. */
    private static List<String> left(Graph graph, Tensor... inputs) {
        Graph result = new ConstantFolding().apply(graph);
        GraphVerifier.verify(result);
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(graph, inputs));
        return result.nodes().stream().map(n -> n.op().schema().name()).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%y = Clip(%a, _, %one)", // An operand is left out.
                "_, %y = TopK(%a, %k)", // A result is left out.
                "%y = NonZero(%a)", // The shape of the result is not known before.
                "%t = Cast<to=8>(%a); %y = Equal(%t, %t)",
                "%t = Cast<to=8>(%a); %u = StringConcat(%t, %t); %y = Equal(%t, %u)",
                "%s = Shape(%x); %v, %y = Split<axis=0, num_outputs=2>(%s)",
            })
    void suchNodesAreFolded(String lines) {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[2,3]) {
              %a = const f32[3] {0.0, 5.0, 2.0}
              %one = const f32[] {1.0}
              %k = const i64[1] {2}
              LINES
              return %y
            }
            """.replace("LINES", lines.replace("; ", "\n")));
        assertThat(left(graph, Tensor.of(new float[6], 2, 3))).isEmpty();
    }

    /** Nodes that depend on an input have operands and results that are left out, too. */
    @Test
    void otherNodesStayBesides() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[3]) {
              %one = const f32[] {1.0}
              %k = const i64[1] {2}
              %c = Clip(%x, _, %one)
              _, %i = TopK(%x, %k)
              return %c, %i
            }
            """);
        assertThat(new ConstantFolding().apply(graph)).isSameAs(graph);
        Graph more = Graphs.parse(GraphText.print(graph)
                .replace("%c: f32[3] =", "%folded = Clip(%one, _, %one)\n%c =")
                .replace("return", "return %folded, "));
        assertThat(left(more, Tensor.of(new float[] {3, -1, 2}))).containsExactly("Clip", "TopK");
    }

    @Test
    void controlOperatorsAndChanceAreNotFolded() {
        Graph graph = Graphs.parse("""
            graph main() {
              %c = const bool[] {true}
              %a = const f32[2] {1.0, 2.0}
              %n = Neg(%a)
              %y = If<then_branch=graph t(%v: f32[2]) {
                return %v
              }, else_branch=graph e(%v: f32[2]) {
                return %v
              }>(%c, %n)
              return %y
            }
            """);
        assertThat(left(graph)).containsExactly("If");
    }

    @Test
    void sequencesAreNotComputed() {
        Graph graph = Graphs.parse("""
            graph main() {
              %a = const f32[2] {1.0, 2.0}
              %n = Neg(%a)
              %s = SequenceConstruct(%n, %n)
              %zero = const i64[] {0}
              %y = SequenceAt(%s, %zero)
              return %y
            }
            """);
        assertThat(left(graph)).containsExactly("SequenceConstruct", "SequenceAt");
        RewriteTrace trace = new RewriteTrace();
        new ConstantFolding().apply(graph, trace);
        assertThat(trace.nearMisses()).isEmpty();
    }

    /** Results may be twice as large as their operands, however large these are. */
    @Test
    void largeConstantsAreTurned() {
        Tensor large = Tensor.allocate(DType.FLOAT64, 8_400_000);
        Graph graph = GraphText.parse("""
            graph main() {
              %a = const f64[8400000] @a
              %s = const i64[2] {2, 4200000}
              %y = Reshape(%a, %s)
              return %y
            }
            """, Graphs.OPERATORS, Map.of("a", large)::get);
        assertThat(new ConstantFolding().apply(graph).nodes()).isEmpty();
    }

    /** Texts of more than 64 KiB. */
    @Test
    void textsAreFolded() {
        Graph graph =
                GraphText.parse("""
            graph main() {
              %a = const string[1] @a
              %y = StringConcat(%a, %a)
              return %y
            }
            """, Graphs.OPERATORS, Map.of("a", Tensor.of(new String[] {"x".repeat(1 << 16)}))::get);
        assertThat(left(graph)).isEmpty();
    }

    /** An operator whose result is not of the type that it says. */
    record Wrong(List<Datum> results) implements Op {
        static final OpSchema SCHEMA = OpSchema.of("test", "Wrong")
                .input("x", "T")
                .output("y", "T")
                .optionalOutput("z", "T")
                .where("T", Types.FLOATS);

        @Override
        public OpSchema schema() {
            return SCHEMA;
        }

        @Override
        public List<ValueType> infer(InferContext c) {
            return List.of(c.type(0), c.type(0)).subList(0, c.outputCount());
        }

        @Override
        public List<Datum> reference(Operands in) {
            return results;
        }
    }

    @Test
    void resultsThatAreNoTensorsAreRefused() {
        Tensor x = Tensor.of(new float[] {1});
        GraphBuilder builder = new GraphBuilder("g");
        List<Datum> results = new ArrayList<>();
        results.add(null);
        Op wrong = new Wrong(results);
        Graph graph =
                builder.output(builder.add(wrong, builder.constant("x", x))).build();
        RewriteTrace trace = new RewriteTrace();
        assertThat(new ConstantFolding().apply(graph, trace)).isSameAs(graph);
        assertThat(trace.nearMisses())
                .singleElement()
                .satisfies(m -> assertThat(m.reason()).isEqualTo("its result is no tensor"));
    }
}
