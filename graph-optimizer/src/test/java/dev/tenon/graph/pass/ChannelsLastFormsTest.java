package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Node;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which nodes have a form for channels-last, and which may be fused. */
class ChannelsLastFormsTest {
    private static final String INPUTS = "%x: f32[n,4,h,w], %m: f32[n,4], %v: f32[n,4,2,h,w], %c: f32[n,4,w], %r: f32[w],"
            + " %o: f32[1], %d: f64[n,4,h,w], %f: f32[n,16,h,w], %any: f32[*], %b: u8[n,4,h,w], %b3: u8[4,h,w],"
            + " %k: f32[4,4,1,1], %i: i64[1], %p: i64[8], %s: f32[], %s4: f32[4]";

    private static Node last(String nodes) {
        String result = nodes.contains("_, %y") ? "%y" : nodes.contains("%y, %e") ? "%y, %e" : "%y";
        Graph graph = Graphs.parse("graph g(" + INPUTS + ") {\n"
                + nodes.replace("; ", "\n").replace("ONES(4)", ones(4)).replace("ONES(16)", ones(16)) + "\nreturn "
                + result + "\n}");
        return graph.outputs().getFirst().producer();
    }

    private static String ones(int count) {
        return String.join(", ", Collections.nCopies(count, "1"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ok | %y = Relu(%x)
        ok | %y = Relu(%c)
        of 3 or 4 dimensions | %y = Relu(%m)
        of 3 or 4 dimensions | %y = Relu(%v)
        of 3 or 4 dimensions | %y = Relu(%any)
        ok | %w0 = const f32[1,4,1,1] {1, 2, 3, 4}; %y = Conv(%x, %w0)
        constant weights | %y = Conv(%x, %k)
        constant weights | %w0 = const f64[1,4,1,1] {1, 2, 3, 4}; %y = Conv(%d, %w0)
        one group | %w0 = const f32[2,2,1,1] {1, 2, 3, 4}; %y = Conv<group=2>(%x, %w0)
        one group | %w0 = const f32[4,1,1,1] {1, 2, 3, 4}; %y = Conv<group=4>(%x, %w0)
        ok | %w0 = const f32[16,1,1,1] {ONES(16)}; %y = Conv<group=16>(%f, %w0)
        one group | %w0 = const f32[32,1,1,1] {ONES(16), ONES(16)}; %y = Conv<group=16>(%f, %w0)
        ok | %w0 = const f32[4,1,2,2] {ONES(16)}; %y = ConvTranspose<strides=[2, 2]>(%x, %w0)
        constant weights | %y = ConvTranspose(%x, %k)
        ok | %y = MaxPool<kernel_shape=[2, 2]>(%x)
        ok | %y = MaxPool<kernel_shape=[2, 2]>(%b)
        gives indices | %y, %e = MaxPool<kernel_shape=[2, 2]>(%b)
        are dilated | %y = MaxPool<kernel_shape=[2, 2], dilations=[2, 2]>(%b)
        has no form | %y, %e = MaxPool<kernel_shape=[2, 2]>(%x)
        has no form | %y = MaxPool<kernel_shape=[2, 2]>(%d)
        ok | %y = GlobalAveragePool(%x)
        has no form | %y = LRN<size=1>(%x)
        ok | %z = const u8[] {0}; %y = com.microsoft.QLinearAdd(%b, %s, %z, %b, %s, %z, %s, %z)
        differ in dimensions | %z = const u8[] {0}; %y = com.microsoft.QLinearAdd(%b, %s, %z, %b3, %s, %z, %s, %z)
        differ in dimensions | %z = const u8[] {0}; %y = com.microsoft.QLinearAdd(%b3, %s, %z, %b, %s, %z, %s, %z)
        ok | %w0 = const f32[3] {1, 2, 3}; %y = Add(%x, %w0)
        ok | %y = Add(%x, %o)
        ok | %y = Clip(%x, _, %s)
        fewer dimensions | %y = Add(%x, %r)
        fewer dimensions | %y = Add(%x, %c)
        ok | %y = QuantizeLinear(%x, %s)
        more than one scale | %y = QuantizeLinear(%x, %s4)
        ok | %y, %e, _ = DynamicQuantizeLinear(%x)
        of 3 or 4 dimensions | %y, %e, _ = DynamicQuantizeLinear(%m)
        ok | %w0 = const f32[4] {1, 2, 3, 4}; %y = BatchNormalization(%x, %w0, %w0, %w0, %w0)
        not constant f32 | %w0 = const f32[4] {1, 2, 3, 4}; %y = BatchNormalization(%x, %w0, %w0, %w0, %s4)
        not constant f32 | %w0 = const f64[4] {1, 2, 3, 4}; %y = BatchNormalization(%d, %w0, %w0, %w0, %w0)
        not constant f32 | %w0 = const f32[4] {1, 2, 3, 4}; %w1 = const f64[4] {1, 2, 3, 4}; %y = BatchNormalization(%x, %w0, %w0, %w1, %w1)
        ok | %w0 = const f32[4] {1, 1, 2, 2}; %y = Resize(%x, _, %w0)
        ok | %w0 = const f32[4] {1, 1, 2, 2}; %w1 = const f32[0] {}; %y = Resize(%x, %w1, %w0)
        names axes | %w0 = const f32[2] {2, 2}; %y = Resize<axes=[2, 3]>(%x, _, %w0)
        or a region | %w0 = const f32[4] {1, 1, 2, 2}; %w1 = const f32[8] {0, 0, 0, 0, 1, 1, 1, 1}; %y = Resize<coordinate_transformation_mode="tf_crop_and_resize">(%x, %w1, %w0)
        ok | %w0 = const i64[1] {2}; %y = ReduceMean(%x, %w0)
        drops them | %w0 = const i64[1] {2}; %y = ReduceMean<keepdims=0>(%x, %w0)
        not constant | %y = ReduceMean(%x)
        not constant | %y = ReduceMean(%x, %i)
        not constant | %w0 = const i64[0] {}; %y = ReduceMean(%x, %w0)
        ok | %y = Softmax<axis=1>(%x)
        ok | %y = Softmax<axis=-3>(%x)
        not over the channels | %y = Softmax<axis=3>(%x)
        ok | %w0 = const i64[8] {0, 0, 0, 0, 0, 0, 1, 1}; %y = Pad(%x, %w0)
        pads are computed | %y = Pad(%x, %p)
        name axes | %w0 = const i64[2] {0, 1}; %w1 = const i64[1] {2}; %y = Pad(%x, %w0, _, %w1)
        ok | %y, %e = Split<axis=1, num_outputs=2>(%x)
        ok | %w0 = const i64[1] {1}; %w1 = const i64[1] {2}; %y = Slice(%x, %w0, %w1, %w0)
        axes are not constant | %w0 = const i64[4] {0, 0, 0, 0}; %w1 = const i64[4] {1, 1, 1, 1}; %y = Slice(%x, %w0, %w1)
        axes are not constant | %w0 = const i64[1] {1}; %w1 = const i64[1] {2}; %y = Slice(%x, %w0, %w1, %i)
        ok | %y = Concat<axis=1>(%x, %x)
        has no form | %y = Transpose<perm=[0, 2, 3, 1]>(%x)
        """)
    void operatorsHaveAForm(String reason, String nodes) {
        String found = ChannelsLastForms.reasonAgainst(last(nodes), Target.standard());
        assertThat(found == null ? "ok" : found).contains(reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        true  | %y = MatMul(%m, %w0)
        true  | %g = Cast<to=11>(%m); %j = Cast<to=11>(%w0); %y = MatMul(%g, %j)
        false | %g = Cast<to=6>(%m); %j = Cast<to=6>(%w0); %y = MatMul(%g, %j)
        true  | %y = Conv(%x, %k)
        false | %g = Cast<to=11>(%k); %y = Conv(%d, %g)
        false | %g = const f32[4,4,1,1,1] {ONES(16)}; %y = Conv(%v, %g)
        true  | %q = const i8[4,2] {1, 2, 3, 4, 5, 6, 7, 8}; %b2 = Cast<to=2>(%m); %y = MatMulInteger(%b2, %q)
        true  | %q = const i8[4,2] {1, 2, 3, 4, 5, 6, 7, 8}; %b2 = Cast<to=2>(%m); %z = const u8[1] {1}; %y = MatMulInteger(%b2, %q, %z)
        false | %q = const i8[4,2] {1, 2, 3, 4, 5, 6, 7, 8}; %b2 = Cast<to=2>(%m); %z = Cast<to=2>(%o); %zz = Concat<axis=0>(%z, %z); %n2 = const i64[1] {0}; %s2 = Slice(%b2, %n2, %e2, %n2); %y = MatMulInteger(%s2, %q, %zz)
        false | %q = Cast<to=3>(%w0); %b2 = Cast<to=2>(%m); %y = MatMulInteger(%b2, %q)
        false | %q = const i8[1,4,2] {1, 2, 3, 4, 5, 6, 7, 8}; %b2 = Cast<to=2>(%m); %y = MatMulInteger(%b2, %q)
        false | %q = const i8[4,2] {1, 2, 3, 4, 5, 6, 7, 8}; %b2 = Cast<to=2>(%s4); %y = MatMulInteger(%b2, %q)
        false | %q = const i8[4,2] {1, 2, 3, 4, 5, 6, 7, 8}; %b2 = Cast<to=2>(%any); %y = MatMulInteger(%b2, %q)
        false | %y = Relu(%x)
        true  | %y = Softmax(%x)
        false | %y = Softmax(%d)
        false | %y = dev.tenon.ChannelsLast<op="GlobalAveragePool">(%x)
        true  | %w2 = const f32[4,4,1,1] {ONES(16)}; %t = Transpose<perm=[0, 2, 3, 1]>(%x); %y = dev.tenon.ChannelsLast<op="Conv">(%t, %w2)
        """)
    void productsAreAnchors(boolean anchor, String nodes) {
        String before = "%e2 = const i64[1] {2}; %l0 = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8}; %w0 = Abs(%l0); ";
        FusionCandidates candidates = new FusionCandidates(Target.standard());
        assertThat(candidates.isAnchor(last(before + nodes))).isEqualTo(anchor);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        true  | %y = Relu(%x)
        true  | %y = Clip(%x, _, %s)
        false | %g = Cast<to=10>(%x); %y = Relu(%g)
        false | %g = Shape(%x); %y = Add(%g, %g)
        false | %y = MatMul(%m, %w0)
        """)
    void elementwiseOperatorsAreParts(boolean part, String nodes) {
        String before = "%l0 = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8}; %w0 = Abs(%l0); ";
        FusionCandidates candidates = new FusionCandidates(Target.standard());
        assertThat(candidates.isElementwise(last(before + nodes))).isEqualTo(part);
    }

    private static Shape shape(String dims) {
        return dims.equals("*")
                ? Shape.unknownRank()
                : Shape.of(Arrays.stream(dims.split(","))
                        .map(d -> d.matches("\\d+") ? Dim.of(Long.parseLong(d)) : Dim.symbol(d))
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        *   | 2,3 | false
        2,3 | *   | false
        2,3 | 2,3 | false
        1,3 | 2,3 | true
        3   | 2,3 | true
        3   | 1,3 | false
        n,1 | n,3 | true
        n,1 | n,1 | false
        n,3 | 2,3 | false
        1   | n   | true
        """)
    void aShapeIsSmaller(String shape, String result, boolean smaller) {
        assertThat(FusionCandidates.isSmaller(shape(shape), shape(result))).isEqualTo(smaller);
    }
}
