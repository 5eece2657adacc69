package dev.tenon.graph.rules.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Facts about values: where each of them holds, and graphs that differ in one thing, for which it does not. */
class FactsTest {
    private static Graph graph(String inputs, String nodes) {
        String results = nodes.contains("; %z = ") ? "%y, %z" : "%y";
        return Graphs.parse("graph g(" + inputs + ") {\n" + nodes.replace("; ", "\n") + "\nreturn " + results + "\n}");
    }

    private static Value value(String inputs, String nodes) {
        return graph(inputs, nodes).outputs().getFirst();
    }

    private static Shape shape(String dims) {
        if (dims.equals("*")) {
            return Shape.unknownRank();
        }
        return Shape.of(Arrays.stream(dims.split(","))
                .filter(d -> !d.isEmpty())
                .map(d -> d.matches("\\d+") ? Dim.of(Long.parseLong(d)) : Dim.symbol(d))
                .toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        b,4   | *     | null
        *     | 2,3   | [2, 3]
        *     | b,3   | [-1, 3]
        b,3   | b,3   | [0, 3]
        b     | b,1   | [0, 1]
        b     | 1,b   | [1, -1]
        a,b   | b,a   | null
        0,3   | 0,3   | [0, 3]
        3,0   | 0,3   | null
        a,0   | b,0   | null
        a,0   | a,0   | [0, 0]
        ''    | 1,1   | [1, 1]
        """)
    void reshapeHasATarget(String from, String to, String target) {
        Tensor found = Shapes.target(shape(from), shape(to));
        assertThat(found == null ? "null" : Arrays.toString(found.toLongArray())).isEqualTo(target);
    }

    @Test
    void shapesAreKnownToBeTheSame() {
        Graph any = graph("%a: f32[*], %b: f32[*], %c: f32[n,2], %d: f32[n,2], %e: f32[m,2]", "%y = Neg(%a)");
        List<Value> in = any.inputs();
        assertThat(Shapes.same(in.get(0), in.get(1))).isFalse();
        assertThat(Shapes.same(in.get(2), in.get(3))).isTrue();
        assertThat(Shapes.same(in.get(3), in.get(4))).isFalse();
        assertThat(Shapes.rank(in.get(0))).isEqualTo(-1);
        Value sequence = value("%x: f32[2]", "%y = SequenceConstruct(%x, %x)");
        assertThat(Shapes.rank(sequence)).isEqualTo(-1);
        assertThat(Shapes.same(sequence, sequence)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        f32[2,3,4] | const i64[4] {-1, 0, 2, -3} | [0, 2]
        f32[2,3,4] | const i64[2] {1, 0}         | [0, 1]
        f32[2,3]   | const i64[0] {}             | [0, 1]
        f32[*]     | const i64[1] {0}            | null
        i64[3]     | Neg(%x)                     | null
        """)
    void axesOfAReductionAreSorted(String type, String axes, String found) {
        Graph g = graph("%x: " + type, "%y = Neg(%x); %z = " + axes);
        int[] sorted = Shapes.axes(new ReduceSum(true, false), g.inputs().getFirst(), g.outputs().get(1));
        assertThat(sorted == null ? "null" : Arrays.toString(sorted)).isEqualTo(found);
    }

    @Test
    void axesThatAreLeftOutAreAllOrNone() {
        Value x = value("%x: f32[2,3]", "%y = Neg(%x)");
        assertThat(Shapes.axes(new ReduceSum(true, false), x, null)).containsExactly(0, 1);
        assertThat(Shapes.axes(new ReduceSum(true, true), x, null)).isEmpty();
        Value scalar = value("%x: f32[]", "%y = Neg(%x)");
        assertThat(Shapes.axes(new ReduceSum(true, false), scalar, null)).isEmpty();
        assertThat(Shapes.isIdentity(new int[] {0, 1})).isTrue();
        assertThat(Shapes.isIdentity(new int[] {1, 0})).isFalse();
        assertThat(Shapes.isIdentity(new int[0])).isTrue();
    }

    @Test
    void weightsOf16BitsKeepTheirBits() {
        Tensor narrow = Tensor.allocate(DType.FLOAT16, 2, 2).widened();
        Tensor wide = Tensor.allocate(DType.FLOAT32, 2, 2);
        String w = "%w = const f32[2,2] {1, 2, 3, 4}; ";
        Node matMul = value("%x: f32[2,2]", w + "%y = MatMul(%x, %w)").producer();
        Node gemm = value("%x: f32[2,2]", w + "%y = Gemm(%x, %w)").producer();
        Node sum = value("%x: f32[2,2]", w + "%y = Add(%x, %w)").producer();
        assertThat(Weights.reasonAgainstRounding(matMul, narrow)).contains("16 bits");
        assertThat(Weights.reasonAgainstRounding(gemm, narrow)).contains("16 bits");
        assertThat(Weights.reasonAgainstRounding(sum, narrow)).isNull();
        assertThat(Weights.reasonAgainstRounding(matMul, wide)).isNull();
    }

    @Test
    void weightsAreFinite() {
        assertThat(Weights.areFinite(null)).isTrue();
        assertThat(Weights.areFinite(Tensor.of(new float[0], 0))).isTrue();
        assertThat(Weights.areFinite(Tensor.of(new float[] {1, Float.MAX_VALUE}, 2))).isTrue();
        assertThat(Weights.areFinite(Tensor.of(new float[] {1, Float.NaN}, 2))).isFalse();
        assertThat(Weights.areFinite(Tensor.of(new float[] {Float.NEGATIVE_INFINITY, 1}, 2)))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 1e38, 0, 2, 2, false",
        "FLOAT32, 3e38, 0, 2, 2, true",
        "FLOAT32, -3e38, 0, 2, 1, false",
        "FLOAT32, Infinity, 0, 2, 2, false",
        "FLOAT32, Infinity, -3e38, 2, 2, true",
        "FLOAT32, Infinity, 3e38, 2, 1, false",
        "FLOAT32, 3.4028235e38, 0, 2, 2, true",
        "FLOAT32, 3.4028235e38, 0, 1, 1, false",
        "FLOAT16, 60000, 0, 2, 2, true",
        "FLOAT16, 60000, 0, 1, 1, false",
        "FLOAT16, Infinity, 1, 2, 2, false",
        "FLOAT64, 1e300, 0, 1e10, 1e10, true"
    })
    void weightsOverflow(DType type, double first, double second, double most, double factor, boolean overflows) {
        Tensor w = Tensor.allocate(type, 2);
        w.setDouble(0, first);
        w.setDouble(1, second);
        assertThat(Weights.overflow(w, most, i -> factor)).isEqualTo(overflows);
    }

    private static final String ENDS = "%b = const i64[1] {-1}; %n = const i64[1] {-9223372036854775808};"
            + " %f = const i64[1] {9223372036854775807}; %zero = const i64[1] {0}; %one = const i64[1] {1};"
            + " %two = const i64[1] {2}; %three = const i64[1] {3}; %m2 = const i64[1] {-2}; %m4 = const i64[1] {-4};"
            + " %m5 = const i64[1] {-5}; %both = const i64[2] {-1, -1}; %ends = const i64[2] {-9, -9};"
            + " %axes = const i64[2] {0, 1}; ";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0  | Slice(%x, %b, %n, %zero, %b)
        0  | Slice(%x, %b, %n, %m2, %b)
        1  | Slice(%x, %b, %n, %one, %b)
        1  | Slice(%x, %b, %n, %b, %b)
        -1 | Slice(%x, %b, %n, %zero, %m2)
        -1 | Slice(%x, %zero, %three, %zero)
        0  | Slice(%x, %three, %m5, %zero, %b)
        0  | Slice(%x, %f, %n, %zero, %b)
        -1 | Slice(%x, %two, %n, %zero, %b)
        -1 | Slice(%x, %b, %m4, %zero, %b)
        1  | Slice(%x, %f, %n, %one, %b)
        -1 | Slice(%x, %three, %n, %one, %b)
        -1 | Slice(%x, %b, %m5, %one, %b)
        -1 | Slice(%x, %both, %ends, %axes, %both)
        -1 | Slice(%x, %i, %n, %zero, %b)
        -1 | Slice(%x, %b, %i, %zero, %b)
        -1 | Slice(%x, %b, %n, %i, %b)
        -1 | Slice(%x, %b, %n, %zero, %i)
        -1 | Slice(%u, %b, %n, %zero, %b)
        0  | Slice(%x, %b, %n, _, %b)
        0  | ReverseSequence(%x4, %fours)
        -1 | ReverseSequence(%x4, %other)
        -1 | ReverseSequence(%xt, %fours)
        -1 | ReverseSequence(%u, %fours)
        -1 | ReverseSequence(%x4, %i2)
        0  | ReverseSequence(%xt, %ts)
        -1 | ReverseSequence(%xt, %mixed)
        1  | ReverseSequence<batch_axis=0, time_axis=1>(%x4, %twos)
        """)
    void anAxisIsReversedAsAWhole(int axis, String node) {
        String nodes = ENDS + "%fours = const i64[2] {4, 4}; %other = const i64[2] {4, 3}; %size = Shape<end=1>(%xt);"
                + " %ts = Concat<axis=0>(%size, %size); %mixed = Concat<axis=0>(%size, %two); %twos = const i64[4] {2, 2, 2, 2};"
                + " %y = " + node;
        String inputs = "%x: f32[4,b], %u: f32[*], %i: i64[1], %x4: f32[4,2,n], %xt: f32[t,2,n], %i2: i64[2]";
        assertThat(Reversals.axis(value(inputs, nodes).producer()))
                .isEqualTo(axis);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0 | x    | Slice(%x, %b, %n, %zero, %b)
        1 | null | Slice(%x, %b, %n, %zero, %b)
        0 | null | Concat<axis=0>(%x, %b, %n, %zero, %b)
        0 | null | Neg(%x)
        """)
    void aValueIsTheReverseOfItsSource(int axis, String source, String node) {
        Value v = value(
                "%x: i64[4]",
                "%b = const i64[1] {-1}; %n = const i64[1] {-9223372036854775808}; %zero = const i64[1] {0}; %y = " + node);
        Value found = Reversals.source(v, axis);
        assertThat(found == null ? "null" : found.name()).isEqualTo(source);
        Value sequence = value("%x: f32[4,2]", "%l = const i64[2] {4, 4}; %y = ReverseSequence(%x, %l)");
        assertThat(Reversals.source(sequence, 0).name()).isEqualTo("x");
        assertThat(Reversals.source(graph("%x: i64[4]", "%y = Neg(%x)").inputs().getFirst(), 0)).isNull();
    }

    private static final String ROUNDED = "%s = const f32[] {0.5}; %l = const f32[] {-128}; %t = const f32[] {128};"
            + " %w = const f32[] {255}; %d = Div(%x, %s); %r = Round(%d); %a = Sub(%r, %l);"
            + " %p = ThresholdedRelu<alpha=0.0f>(%a); %m = Min(%p, %w); %o = Sub(%m, %t); %y = Mul(%o, %s)";
    private static final String UNSIGNED = "%s = const f32[] {0.5}; %w = const f32[] {255}; %d = Div(%x, %s);"
            + " %r = Round(%d); %p = ThresholdedRelu<alpha=0.0f>(%r); %m = Min(%p, %w); %y = Mul(%m, %s)";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0.5 -128.0 127.0 0 | &
        0.5 0.0 0.0 0 | {-128} & {0} & {128} & {0} & {255} & {0}
        0.5 -65536.0 0.0 0 | {-128} & {-65536} & {128} & {65536} & {255} & {65536}
        0.5 -255.0 0.0 0 | {-128} & {-255} & {128} & {255}
        0.5 0.0 255.0 0 | {-128} & {0} & {128} & {0}
        0.5 -128.0 127.0 2 | %y = Mul(%o, %s) & %q = Mul(%o, %s); %v = Transpose<perm=[1, 0]>(%q); %y = Transpose<perm=[1, 0]>(%v)
        null | %y = Mul(%o, %s) & %q = Mul(%o, %s); %v = Transpose<perm=[1, 0]>(%q); %g = Transpose<perm=[1, 0]>(%v); %y = Transpose<perm=[1, 0]>(%g)
        null | {0.5} & {-0.5}
        null | {0.5} & {0}
        null | f32[] {0.5} & f32[2] {0.5, 0.5}
        null | %s = const f32[] {0.5} & %k = const f32[] {0.5}; %s = Abs(%k)
        null | f32 & f64
        null | %y = Mul(%o, %s) & %y = Mul(%x, %s)
        null | %y = Mul(%o, %s) & %y = Div(%o, %s)
        null | Sub(%m, %t) & Add(%m, %t)
        null | {-128} & {-128.5} & {128} & {128.5}
        null | {-128} & {-65537} & {128} & {65537}
        null | {-128} & {-128.5}
        null | {-128} & {-127}
        null | {-128} & {5} & {128} & {-5}
        null | {-128} & {-300} & {128} & {300}
        null | {255} & {-1}
        null | {255} & {2.5}
        null | {128} & {128.5}
        null | %t = const f32[] {128} & %k = const f32[] {128}; %t = Abs(%k)
        null | {-128} & {0} & {128} & {0} & {255} & {65537}
        null | Min(%p, %w) & Min(%p, %w, %w)
        null | Min(%p, %w) & Max(%p, %w)
        null | alpha=0.0f & alpha=1.0f
        null | %p = ThresholdedRelu<alpha=0.0f>(%a) & %p = Relu(%a)
        null | Round( & Floor(
        null | Div(%x, %s) & Mul(%x, %s)
        null | Div(%x, %s) & Div(%x, %w)
        null | Div(%x, %s) & Div(%x, %x)
        null | Div(%x, %s) & Neg(%x)
        """)
    void aValueWasRounded(String found, String change) {
        String text = ROUNDED;
        String[] parts = change.split(" & ");
        for (int i = 0; i + 1 < parts.length; i += 2) {
            assertThat(text).contains(parts[i]);
            text = text.replace(parts[i], parts[i + 1]);
        }
        String type = change.contains("f64") ? "f64" : "f32";
        assertThat(rounded(RoundedValue.of(value("%x: " + type + "[2,2]", text)))).isEqualTo(found);
    }

    private static String rounded(RoundedValue v) {
        return v == null
                ? "null"
                : v.scale() + " " + v.least() + " " + v.greatest() + " "
                        + v.transposes().size();
    }

    @Test
    void aValueWasRoundedToIntegersFromZero() {
        assertThat(rounded(RoundedValue.of(value("%x: f32[2,2]", UNSIGNED)))).isEqualTo("0.5 0.0 255.0 0");
        Value input = graph("%x: f32[2,2]", UNSIGNED).inputs().getFirst();
        assertThat(RoundedValue.of(input)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%y = Round(%x)",
                "%y = Cast<to=1>(%i)",
                "%q, %s = dev.tenon.CentredQuantization(%x); %y = Transpose<perm=[1, 0]>(%q)",
                "%r = Round(%x); %y = Mul(%r, %c)",
                "%r = Round(%x); %r1 = Transpose(%r); %r2 = Transpose(%r1); %r3 = Transpose(%r2); %r4 = Transpose(%r3);"
                        + " %r5 = Transpose(%r4); %r6 = Transpose(%r5); %y = Transpose(%r6)",
                "%y = dev.tenon.Fused<inputs=2, operands=[[0], [2, 1]], ops=[\"Round\", \"Mul\"]>(%x, %c)",
                "%y = dev.tenon.Fused<0.to=1, inputs=2, operands=[[0], [2, 1]], ops=[\"Cast\", \"Mul\"]>(%i, %c)",
                "%y = dev.tenon.Fused<0.to=6, 1.to=1, inputs=2, operands=[[0], [2], [3, 1]],"
                        + " ops=[\"Cast\", \"Cast\", \"Mul\"]>(%x, %c)",
                "%w = const i8[2,2] {1, 2, 3, 4};"
                        + " %y = dev.tenon.Fused<1.to=1, inputs=2, operands=[[0, 1], [2]],"
                        + " ops=[\"MatMulInteger\", \"Cast\"]>(%b, %w)",
                "%r = Round(%x); %t = Transpose(%r);"
                        + " %y = dev.tenon.Fused<inputs=2, operands=[[0, 1], [2, 1]], ops=[\"Sub\", \"Mul\"]>(%t, %c)"
            })
    void aValueThatWasQuantizedIsNotScaled(String nodes) {
        assertThat(QuantizedValues.reasonAgainstScaling(value("%x: f32[2,2], %c: f32[], %i: i32[2,2], %b: u8[2,2]", nodes)))
                .contains("quantised");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%y = Neg(%x)",
                "%y = Transpose(%x)",
                "%h = Cast<to=10>(%x); %y = Cast<to=1>(%h)",
                "%r = Round(%x); %y = Exp(%r)",
                "%y = DequantizeLinear(%i, %c)",
                "%y = dev.tenon.Fused<0.to=6, inputs=1, operands=[[0], [1]], ops=[\"Cast\", \"Neg\"]>(%x)",
                "%r = Round(%x); %r1 = Transpose(%r); %r2 = Transpose(%r1); %r3 = Transpose(%r2); %r4 = Transpose(%r3);"
                        + " %r5 = Transpose(%r4); %r6 = Transpose(%r5); %r7 = Transpose(%r6); %y = Transpose(%r7)",
                "%r = Round(%x);"
                        + " %y = dev.tenon.Fused<inputs=2, operands=[[0], [2, 1]], ops=[\"Exp\", \"Mul\"]>(%r, %c)",
                "%y = dev.tenon.Fused<0.to=10, 1.to=1, inputs=2, operands=[[0], [2], [3, 1]],"
                        + " ops=[\"Cast\", \"Cast\", \"Mul\"]>(%x, %c)"
            })
    void otherValuesAreScaled(String nodes) {
        assertThat(QuantizedValues.reasonAgainstScaling(value("%x: f32[2,2], %c: f32[], %i: i32[2,2]", nodes)))
                .isNull();
    }

    private static final String BLOCKS = "%c = const u8[1,32] {" + "7, ".repeat(31) + "7};"
            + " %s = const f32[1,2] {1, 2}; %o = const u8[1,2] {3, 4}; ";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        32 | %y = DequantizeLinear<axis=1, block_size=16>(%c, %s, %o)
        32 | %y = DequantizeLinear<axis=-1, block_size=16>(%c, %s)
        32 | %q = const f32[2] {1, 2}; %n = const i64[2] {1, 2}; %r = Reshape(%q, %n); %y = DequantizeLinear<axis=1, block_size=16>(%c, %r)
        17 | %w = DequantizeLinear<axis=1, block_size=16>(%c, %s); CUT %y = Slice(%w, %zero, %most, %one)
        -1 | %w = DequantizeLinear<axis=1, block_size=16>(%c, %s); CUT %y = Slice(%w, %zero, %zero, %one)
        -1 | %w = DequantizeLinear<axis=1, block_size=16>(%c, %s); CUT %y = Slice(%w, %zero, %less, %one)
        -1 | %w = DequantizeLinear<axis=1, block_size=16>(%c, %s); CUT %y = Slice(%w, %one, %most, %one)
        -1 | %w = DequantizeLinear<axis=1, block_size=16>(%c, %s); CUT %y = Slice(%w, %zero, %one, %zero)
        -1 | %w = DequantizeLinear<axis=1, block_size=16>(%c, %s); CUT %y = Slice(%w, %zero, %most)
        -1 | %w = DequantizeLinear<axis=1, block_size=16>(%c, %s); CUT %y = Slice(%w, %zero, %i, %one)
        -1 | %w = DequantizeLinear<axis=1, block_size=16>(%c, %s); CUT %y = Slice(%w, %zero, %most, %one, %two)
        -1 | %w = DequantizeLinear<axis=1, block_size=16>(%c, %s); CUT %a = const i64[2] {0, 0}; %e = const i64[2] {17, 1}; %b = const i64[2] {1, 0}; %y = Slice(%w, %a, %e, %b)
        -1 | %w = Neg(%s); CUT %y = Slice(%w, %zero, %most, %one)
        -1 | CUT %y = Slice(%x, %zero, %most, %one)
        -1 | %t = const f32[32] {ROW}; %y = DequantizeLinear<axis=1>(%c, %t)
        -1 | %t = const f32[1,4] {1, 2, 3, 4}; %y = DequantizeLinear<axis=1, block_size=8>(%c, %t)
        -1 | %t = const f32[1,2] {1, 2}; %y = DequantizeLinear<axis=1, block_size=24>(%c, %t)
        -1 | %t = const f32[1,1] {1}; %y = DequantizeLinear<axis=1, block_size=512>(%c, %t)
        -1 | %t = const f32[1,32] {ROW}; %y = DequantizeLinear<axis=0, block_size=16>(%c, %t)
        -1 | %y = DequantizeLinear<axis=1, block_size=16>(%k, %s)
        -1 | %y = DequantizeLinear<axis=1, block_size=16>(%c, %j)
        -1 | %y = DequantizeLinear<axis=1, block_size=16>(%c, %s, %z1)
        -1 | %t = Abs(%s); %y = DequantizeLinear<axis=1, block_size=16>(%c, %t)
        -1 | %t = const f16[1,2] {1, 2}; %y = DequantizeLinear<axis=1, block_size=16>(%c, %t)
        -1 | %y = DequantizeLinear<axis=1, block_size=16, output_dtype=10>(%c, %s)
        -1 | %t = const i32[1,32] {INTS}; %y = DequantizeLinear<axis=1, block_size=16>(%t, %s)
        -1 | %t = const u8[1,1,32] {INTS}; %q = const f32[1,1,2] {1, 2}; %y = DequantizeLinear<axis=2, block_size=16>(%t, %q)
        -1 | %t = const u8[2,0] {}; %q = const f32[2,0] {}; %y = DequantizeLinear<axis=1, block_size=16>(%t, %q)
        -1 | %y = Neg(%x)
        -1 | %w = DequantizeLinear<axis=1, block_size=16>(%c, %s); CUT %y = Slice(%w, %zero, %full, %one)
        -1 | %t = const u8[32] {INTS}; %q = const f32[2] {1, 2}; %y = DequantizeLinear<axis=-1, block_size=16>(%t, %q)
        32 | %t = const f32[1,1] {1}; %y = DequantizeLinear<axis=1, block_size=256>(%c, %t)
        -1 | %n = const i64[2] {1, 2}; %r = Reshape(%j, %n); %y = DequantizeLinear<axis=1, block_size=16>(%c, %r)
        -1 | %r = Reshape(%s, %at); %y = DequantizeLinear<axis=1, block_size=16>(%c, %r)
        """)
    void aMatrixInBlocksIsRead(long columns, String nodes) {
        String text = BLOCKS
                + nodes.replace("ROW", "1, ".repeat(31) + "1")
                        .replace("INTS", "7, ".repeat(31) + "7")
                        .replace(
                                "CUT",
                                "%zero = const i64[1] {0}; %one = const i64[1] {1}; %two = const i64[1] {2};"
                                        + " %most = const i64[1] {17}; %less = const i64[1] {-15}; %full = const i64[1] {16};");
        Value v = value("%x: f32[1,32], %k: u8[1,32], %j: f32[1,2], %z1: u8[1,2], %i: i64[1], %at: i64[2]", text);
        BlockMatrix found = BlockMatrix.of(v);
        assertThat(found == null ? -1 : found.codes().dim(1)).isEqualTo(columns);
        assertThat(BlockMatrix.of(graph("%x: f32[2]", "%y = Neg(%x)").inputs().getFirst()))
                .isNull();
    }
}
