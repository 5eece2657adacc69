package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Value;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.math.Sqrt;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nodes that keep their 16 bits among nodes that do not. */
class HalfWideningTest {
    private static Graph widened(Graph graph) {
        Graph result = new HalfWidening().apply(graph);
        GraphVerifier.verify(result);
        assertThat(new HalfWidening().apply(result)).as("a second time").isSameAs(result);
        return result;
    }

    private static List<String> operators(Graph graph) {
        return graph.nodes().stream().map(n -> n.op().schema().name()).toList();
    }

    private static Tensor halves(double... values) {
        Tensor t = Tensor.allocate(DType.FLOAT16, values.length);
        for (int i = 0; i < values.length; i++) {
            t.setDouble(i, values[i]);
        }
        return t;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // An operand or a result is left out.
                "%max = const f16[] {3}; %y = Clip(%x, _, %max) | Cast Cast Clip Cast",
                "%k = const i64[1] {2}; _, %y = TopK(%x, %k) | Cast TopK",
                // The first result has 16 bits, the second 32.
                "%s = const f16[4] {1, 2, 3, 4}; %n, %m = LayerNormalization(%x, %s); %y = Neg(%m) "
                        + "| Cast Cast LayerNormalization Neg",
                // A value that exists in 16 bits is not rounded to them again.
                "%a = Sqrt(%x); %b = BitCast<to=5>(%x); %c = Cast<to=5>(%a); %y = Add(%b, %c) | Cast Sqrt BitCast Cast Add",
                "%a = Sqrt(%x); %b = BitCast<to=5>(%a); %c = BitCast<to=5>(%a); %y = Add(%b, %c) "
                        + "| Cast Sqrt Cast BitCast BitCast Add",
                // From one type of 16 bits to the other: the rounding of a result disappears, and that of an input
                // stays.
                "%a = Sqrt(%x); %b = Cast<to=16>(%a); %y = Sqrt(%b) | Cast Sqrt Sqrt Cast",
                "%b = Cast<to=16>(%x); %y = Sqrt(%b) | Cast Cast Cast Sqrt Cast",
                // Integers become numbers of 16 bits by a Cast that stays.
                "%i = Shape(%x); %h = Cast<to=10>(%i); %y = Mul(%h, %x) | Cast Shape Cast Cast Mul Cast",
                "%a = Sqrt(%x); %s = SequenceConstruct(%a, %x); %z = const i64[] {0}; %y = SequenceAt(%s, %z) "
                        + "| Cast Sqrt Cast SequenceConstruct SequenceAt",
                "%a = Sqrt(%x); %e = SequenceConstruct(%x); %s = SequenceInsert(%e, %a); %y = ConcatFromSequence<axis=0>(%s) "
                        + "| Cast Sqrt Cast SequenceConstruct SequenceInsert ConcatFromSequence",
                "%a = Sqrt(%x); %s = SplitToSequence(%a); %y = ConcatFromSequence<axis=0>(%s) "
                        + "| Cast Sqrt Cast SplitToSequence ConcatFromSequence"
            })
    void valuesCrossWithACast(String lines, String operators) {
        Graph graph = Graphs.parse("graph main(%x: f16[4]) {\n" + lines.replace("; ", "\n") + "\nreturn %y\n}\n");
        Graph result = widened(graph);
        assertThat(operators(result)).containsExactlyInAnyOrder(operators.split(" "));
        Tensor x = halves(1, 4, 16, 64);
        Graphs.requireEqual(Graphs.run(result, x), Graphs.run(graph, x));
    }

    /** Pages are memory of the caller. */
    @Test
    void pagesKeepTheirTypes() {
        Graph graph = Graphs.parse("""
            graph main(%q: f32[1,t,8], %k: f32[1,t,4], %v: f32[1,t,4], %kp: f16[9,1,64,4], %vp: f16[9,1,64,4], \
            %table: i32[3,4], %sequences: i32[t], %positions: i64[t]) {
              %y, %a, %b = dev.tenon.PagedAttention<heads=2, scale=0.5f>(%q, %k, %v, %kp, %vp, %table, %sequences, %positions)
              return %y, %a, %b
            }
            """);
        assertThat(new HalfWidening().apply(graph)).isSameAs(graph);
    }

    @Test
    void bodiesChangeWhereTheirGraphDoesNot() {
        Graph graph = Graphs.parse("""
            graph main(%c: bool[], %x: f16[2]) {
              %y = If<then_branch=graph t(%b: f16[2]) {
                %p = Sqrt(%b)
                return %p
              }, else_branch=graph e(%d: f16[2]) {
                return %d
              }>(%c, %x)
              return %y
            }
            """);
        Graph result = widened(graph);
        assertThat(result.toString()).contains("Cast");
        Graphs.requireEqual(
                Graphs.run(result, Tensor.scalar(true), halves(4, 9)),
                Graphs.run(graph, Tensor.scalar(true), halves(4, 9)));
    }

    @Test
    void statesOfLoopsKeepTheirTypes() {
        Graph graph = Graphs.parse("""
            graph main(%n: i64[], %x: f16[2]) {
              %a = Sqrt(%x)
              %y = Loop<body=graph b(%i: i64[], %go: bool[], %v: f16[2]) {
                return %go, %v
              }>(%n, _, %a)
              return %y
            }
            """);
        Graph result = widened(graph);
        assertThat(operators(result)).containsExactly("Cast", "Sqrt", "Cast", "Loop");
        Tensor[] inputs = {Tensor.scalar(2L), halves(4, 9)};
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(graph, inputs));
    }

    /** An operator that takes numbers of 16 bits alone. */
    record Halved() implements Op {
        static final OpSchema SCHEMA =
                OpSchema.of("test", "Halved").input("x", "T").output("y", "T").where("T", Types.set(DType.FLOAT16));

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
    }

    @Test
    void operatorsThatTakeNoFloat32Stay() {
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.input("x", new TensorType(DType.FLOAT16, Shape.of(2)));
        Graph alone = builder.output(builder.add(new Halved(), x)).build();
        assertThat(new HalfWidening().apply(alone)).isSameAs(alone);
        builder = new GraphBuilder("g");
        x = builder.input("x", new TensorType(DType.FLOAT16, Shape.of(2)));
        Graph graph = builder.output(builder.add(new Halved(), builder.add(new Sqrt(), x)))
                .build();
        Graph result = widened(graph);
        assertThat(operators(result)).containsExactly("Cast", "Sqrt", "Cast", "Halved");
        Graphs.requireEqual(Graphs.run(result, halves(4, 9)), Graphs.run(graph, halves(4, 9)));
    }
}
