package dev.tenon.graph.rules.linear;

import dev.tenon.graph.rules.Rewrites;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvMergeRulesTest {
    private static final Pattern DRAWN = Pattern.compile("R\\(([0-9,]+)\\)");

    /** A text with random tensors in the place of {@code R(2,3)}. */
    private static String graph(String inputs, String nodes) {
        SplittableRandom random = new SplittableRandom(7);
        String text = DRAWN.matcher(nodes.replace("; ", "\n")).replaceAll(m -> {
            long size = Pattern.compile(",")
                    .splitAsStream(m.group(1))
                    .mapToLong(Long::parseLong)
                    .reduce(1, (a, b) -> a * b);
            StringBuilder all = new StringBuilder("const f32[" + m.group(1) + "] {");
            for (long i = 0; i < size; i++) {
                all.append(i == 0 ? "" : ", ").append((float) random.nextDouble(-1, 1));
            }
            return all.append('}').toString();
        });
        return "graph g(" + inputs + ") {\n" + text + "\nreturn %y\n}";
    }

    @Test
    void oneConvolutionIsLeft() {
        Rewrites.becomes(ConvMergeRules.SET, "merge-convolutions", """
            graph g(%x: f32[n,2,5]) {
              %v = const f32[3,2,1] {1, 2, 3, 4, 5, 6}
              %b = const f32[3] {1, -1, 2}
              %w = const f32[1,3,2] {1, 0, 2, 1, -1, 3}
              %d = const f32[1] {0.5}
              %p = Conv(%x, %v, %b)
              %y = Conv<strides=[2]>(%p, %w, %d)
              return %y
            }
            """, """
            graph g(%x: f32[n,2,5]) {
              %const = const f32[1,2,2] {2, 18, 4, 22}
              %const_1 = const f32[1] {2.5}
              %y = Conv<strides=[2]>(%x, %const, %const_1)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        f32[n,3,h,w] | %v = R(8,3,1,1); %p = Conv(%x, %v); %w = R(4,8,1,1); %y = Conv(%p, %w)
        f32[n,3,h,w] | %v = R(8,3,1,1); %b = R(8); %p = Conv(%x, %v, %b); %w = R(4,8,1,1); %d = R(4); %y = Conv(%p, %w, %d)
        f32[n,3,6,7] | %v = R(8,3,1,1); %b = R(8); %p = Conv(%x, %v, %b); %w = R(4,8,3,2); %y = Conv<strides=[2, 1], dilations=[1, 2]>(%p, %w)
        f32[n,3,6,7] | %v = R(8,3,1,1); %p = Conv(%x, %v); %w = R(4,8,3,2); %d = R(4); %y = Conv<pads=[1, 0, 2, 1]>(%p, %w, %d)
        f32[n,3,6,7] | %v = R(8,3,1,1); %p = Conv(%x, %v); %w = R(4,8,3,2); %y = Conv<auto_pad="SAME_UPPER">(%p, %w)
        f32[n,3,6,7] | %v = R(9,3,3,2); %b = R(9); %p = Conv<pads=[1, 0, 2, 1], strides=[1, 2]>(%x, %v, %b); %w = R(2,9,1,1); %d = R(2); %y = Conv(%p, %w, %d)
        f32[n,3,6,7] | %v = R(8,3,1,1); %p = Conv<strides=[1, 1], pads=[0, 0, 0, 0]>(%x, %v); %w = R(4,8,3,2); %y = Conv(%p, %w)
        f32[n,3,6,7] | %v = R(8,3,1,1); %b = R(8); %p = Conv(%x, %v, %b); %w = R(4,8,1,1); %y = Conv<auto_pad="SAME_UPPER">(%p, %w)
        f32[n,4,6,7] | %v = R(4,4,1,1); %p = Conv(%x, %v); %w = R(1,4,3,3); %y = Conv(%p, %w)
        f32[n,4,6,7] | %v = R(4,4,3,3); %p = Conv(%x, %v); %w = R(1,4,1,1); %y = Conv<auto_pad="SAME_UPPER">(%p, %w)
        f32[n,3,9]   | %v = R(9,3,4); %p = Conv<pads=[1, 2], dilations=[2]>(%x, %v); %w = R(2,9,1); %d = R(2); %y = Conv(%p, %w, %d)
        """)
    void twoConvolutionsThatMeetInManyChannelsAreOne(String type, String nodes) {
        Rewrites.fires(ConvMergeRules.SET, "merge-convolutions", graph("%x: " + type, nodes));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        it saves no work                 | %v = R(3,4,1,1); %p = Conv(%x, %v); %w = R(4,3,3,3); %y = Conv(%p, %w)
        it saves no work                 | %v = R(4,4,1,1); %p = Conv(%x, %v); %w = R(8,4,3,3); %y = Conv<pads=[1, 1, 1, 1]>(%p, %w)
        it saves no work                 | %v = R(4,4,3,3); %p = Conv(%x, %v); %w = R(9,4,1,1); %y = Conv(%p, %w)
        the second convolution pads                  | %v = R(8,4,1,1); %b = R(8); %p = Conv(%x, %v, %b); %w = R(4,8,3,3); %y = Conv<pads=[1, 1, 1, 1]>(%p, %w)
        a convolution has groups         | %v = R(8,2,1,1); %p = Conv<group=2>(%x, %v); %w = R(4,8,1,1); %y = Conv(%p, %w)
        a bias is computed               | %v = R(8,4,1,1); %p = Conv(%x, %v, %q); %w = R(4,8,1,1); %y = Conv(%p, %w)
        the weights are shared           | %v = R(4,4,1,1); %u = Conv(%x, %v); %p = Conv(%u, %v); %w = R(1,4,1,1); %t = Conv(%p, %w); %s = Conv(%x, %w); %y = Add(%s, %t)
        was quantised                    | %o = Round(%x); %v = R(8,4,1,1); %p = Conv(%o, %v); %w = R(4,8,1,1); %y = Conv(%p, %w)
        is used 2 times                  | %v = R(8,4,1,1); %p = Conv(%x, %v); %w = R(4,8,1,1); %t = Conv(%p, %w); %s = ReduceMax<keepdims=0>(%p); %y = Add(%s, %t)
        a weight is not finite           | %v = const f32[2,4,1,1] {1, 2, 3, Infinity, 5, 6, 7, 8}; %p = Conv(%x, %v); %w = R(1,2,1,1); %y = Conv(%p, %w)
        it saves no work                 | %v = R(4,4,1,1); %p = Conv(%x, %v); %w = R(1,4,3,3); %y = Conv<pads=[1, 1, 1, 1]>(%p, %w)
        the weights are shared           | %v = R(8,4,1,1); %p = Conv(%x, %v); %w = R(4,8,1,1); %t = Conv(%p, %w); %s = ReduceMax<keepdims=0>(%v); %y = Add(%s, %t)
        the weights are shared           | %v = R(8,4,1,1); %p = Conv(%x, %v); %w = R(4,8,1,1); %t = Conv(%p, %w); %s = ReduceMax<keepdims=0>(%w); %y = Add(%s, %t)
        a weight is not finite           | %v = R(2,4,1,1); %p = Conv(%x, %v); %w = const f32[1,2,1,1] {Infinity, 1}; %y = Conv(%p, %w)
        a weight is not finite           | %v = R(8,4,1,1); %b = const f32[8] {1, 2, 3, Infinity, 5, 6, 7, 8}; %p = Conv(%x, %v, %b); %w = R(4,8,1,1); %y = Conv(%p, %w)
        a weight is not finite           | %v = R(8,4,1,1); %p = Conv(%x, %v); %w = R(4,8,1,1); %d = const f32[4] {1, 2, 3, Infinity}; %y = Conv(%p, %w, %d)
        a merged weight is not finite    | %v = R(2,4,1,1); %b = const f32[2] {3.0E38, 3.0E38}; %p = Conv(%x, %v, %b); %w = const f32[1,2,1,1] {1, 1}; %y = Conv(%p, %w)
        a merged weight is not finite    | %v = const f32[2,4,1,1] {1, 2, 3, 3.0E38, 5, 6, 7, 3.0E38}; %p = Conv(%x, %v); %w = const f32[1,2,1,1] {5, 6}; %y = Conv(%p, %w)
        """)
    void othersAreRefused(String reason, String nodes) {
        Rewrites.refuses(
                ConvMergeRules.SET, "merge-convolutions", graph("%x: f32[n,4,7,6], %q: f32[8]", nodes), reason);
    }

    @Test
    void windowsOfSeveralElementsOnBothSidesStay() {
        Rewrites.stays(
                ConvMergeRules.SET,
                "merge-convolutions",
                graph("%x: f32[n,1,h,w]", "%v = R(8,1,2,2); %p = Conv(%x, %v); %w = R(1,8,2,2); %y = Conv(%p, %w)"));
        Rewrites.stays(
                ConvMergeRules.SET,
                "merge-convolutions",
                graph(
                        "%x: f32[n,3,h,w]",
                        "%v = R(8,3,1,1); %p = Conv<strides=[2, 2]>(%x, %v); %w = R(1,8,3,3); %y = Conv(%p, %w)"));
    }
}
