package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The graphs of decoders over pages, and decoders that are refused, with the reason. */
class PagedCachesTest {
    private static final PagedCaches.Sizes SIZES = new PagedCaches.Sizes(9, 3, 4, DType.FLOAT32);

    private static final Pattern WEIGHTS = Pattern.compile("(f\\d+)\\[([0-9,]+)\\] @\\w+");

    private static final String INPUTS = """
        graph main(%input_ids: i64[b,s], %attention_mask: i64[b,p+s], %position_ids: i64[b,s], \
        %past_key_values.0.key: f32[b,1,p,4], %past_key_values.0.value: f32[b,1,p,4]) {
          %table = const f32[5,8] @table
          %angles = const f32[16,2] @angles
          %w = const f32[8,5] @w
          %scale = const f32[8] @scale
          %two = const i64[1] {2}
          %both = const i64[2] {1, 2}
          %x = Gather(%table, %input_ids)
          %q = RotaryEmbedding<num_heads=2>(%x, %angles, %angles, %position_ids)
          %k, %v = Split<axis=-1, num_outputs=2>(%x)
        """;

    private static final String MASK = """
          %shown = Cast<to=9>(%attention_mask)
          %mask = Unsqueeze(%shown, %both)
        """;

    private static final String WINDOW = MASK + """
          %i0 = const i64[] {0}
          %i1 = const i64[] {1}
          %width = const i64[] {6}
          %column = const i64[1] {1}
          %heads = const i64[2] {0, 1}
          %ids_shape = Shape(%input_ids)
          %mask_shape = Shape(%attention_mask)
          %n = Gather(%ids_shape, %i1)
          %all = Gather(%mask_shape, %i1)
          %keys = Range(%i0, %all, %i1)
          %past = Sub(%all, %n)
          %queries = Range(%past, %all, %i1)
          %query_column = Unsqueeze(%queries, %column)
          %distance = Sub(%query_column, %keys)
          %near = Less(%distance, %width)
          %near_heads = Unsqueeze(%near, %heads)
          %window = And(%mask, %near_heads)
        """;

    private static final String ATTENTION = """
          %y, %pk, %pv = Attention<is_causal=1, kv_num_heads=1, q_num_heads=2>\
        (%q, %k, %v, %mask, %past_key_values.0.key, %past_key_values.0.value) "attention"
        """;

    private static final String END = """
          %sum = Add(%x, %y)
          %normal = RMSNormalization(%sum, %scale)
          %l = MatMul(%normal, %w)
          return logits=%l, present.0.key=%pk, present.0.value=%pv
        }
        """;

    /** A graph whose weights are sixteenths, as many as their dimensions say. */
    private static Graph parse(String text) {
        return Graphs.parse(WEIGHTS.matcher(text).replaceAll(m -> {
            int size = Arrays.stream(m.group(2).split(","))
                    .mapToInt(Integer::parseInt)
                    .reduce(1, (a, b) -> a * b);
            return m.group(1) + "[" + m.group(2) + "] "
                    + IntStream.range(0, size)
                            .mapToObj(i -> Double.toString(i / 16.0))
                            .collect(Collectors.joining(", ", "{", "}"));
        }));
    }

    private static PagedCaches paged(String text) {
        PagedCaches found = PagedCaches.of(parse(text), SIZES);
        if (found.graph() != null) {
            GraphVerifier.verify(found.graph());
        }
        return found;
    }

    private static String text(PagedCaches found) {
        assertThat(found.reason()).isNull();
        return GraphText.print(found.graph());
    }

    @Test
    void attentionsBecomePagedAndTheEndIsComputedForSomeRows() {
        PagedCaches found = paged(INPUTS + MASK + ATTENTION + END);
        assertThat(found.layers()).isEqualTo(1);
        Graph expected = parse("""
            graph main(%input_ids: i64[1,tokens], %position_ids: i64[1,tokens], %sequences: i32[tokens], \
            %page_table: i32[3,4], %rows: i32[rows], %key_pages.0: f32[9,1,64,4], %value_pages.0: f32[9,1,64,4]) {
              %const = const i64[1] {0}
              %table = const f32[5,8] @table
              %angles = const f32[16,2] @angles
              %scale = const f32[8] @scale
              %w = const f32[8,5] @w
              %Squeeze = Squeeze(%position_ids, %const)
              %x = Gather(%table, %input_ids)
              %q = RotaryEmbedding<num_heads=2>(%x, %angles, %angles, %position_ids)
              %k, %v = Split<axis=-1, num_outputs=2>(%x)
              %y, %key_pages.0_1, %value_pages.0_1 = dev.tenon.PagedAttention<heads=2, scale=0.5f>\
            (%q, %k, %v, %key_pages.0, %value_pages.0, %page_table, %sequences, %Squeeze) "attention"
              %Gather = Gather<axis=1>(%x, %rows)
              %Gather_1 = Gather<axis=1>(%y, %rows)
              %sum = Add(%Gather, %Gather_1)
              %normal = RMSNormalization(%sum, %scale)
              %l = MatMul(%normal, %w)
              return logits=%l, present_key_pages.0=%key_pages.0_1, present_value_pages.0=%value_pages.0_1
            }
            """);
        assertThat(text(found)).isEqualTo(GraphText.print(expected));
    }

    @ParameterizedTest
    @CsvSource({"-1,6", "9,6", "3,4", "0,1"})
    void aWindowIsTheNarrowestOfMaskAndAttention(int left, int window) {
        String attention = ATTENTION.replace("%mask", "%window").replace("<", "<left_window_size=" + left + ", ");
        assertThat(text(paged(INPUTS + WINDOW + attention + END)))
                .contains("PagedAttention<heads=2, scale=0.5f, window=" + window + ">");
    }

    @Test
    void headsOfFourDimensionsArePacked() {
        String attention = """
              %qs = const i64[4] {0, 0, 2, 4}
              %ks = const i64[4] {0, 0, 1, 4}
              %ys = const i64[3] {0, 0, 8}
              %qr = Reshape(%q, %qs)
              %kr = Reshape(%k, %ks)
              %vr = Reshape(%v, %ks)
              %q4 = Transpose<perm=[0, 2, 1, 3]>(%qr)
              %k4 = Transpose<perm=[0, 2, 1, 3]>(%kr)
              %v4 = Transpose<perm=[0, 2, 1, 3]>(%vr)
              %y4, %pk, %pv = Attention<is_causal=1, scale=0.25f, softcap=3.0f>\
            (%q4, %k4, %v4, %mask, %past_key_values.0.key, %past_key_values.0.value)
              %yt = Transpose<perm=[0, 2, 1, 3]>(%y4)
              %y = Reshape(%yt, %ys)
            """;
        assertThat(text(paged(INPUTS + MASK + attention + END)))
                .contains("PagedAttention<heads=2, scale=0.25f, softcap=3.0f>");
    }

    /** A value that other rows need, too, is computed for all; it is gathered after that. */
    @Test
    void whatAnotherAttentionReadsIsComputedForAllRows() {
        String two = INPUTS.replace(
                        ") {", ", %past_key_values.1.key: f32[b,1,p,4], %past_key_values.1.value: f32[b,1,p,4]) {")
                + MASK + ATTENTION + """
              %h = Add(%x, %y)
              %y1, %pk1, %pv1 = Attention<is_causal=1, kv_num_heads=1, q_num_heads=2>\
            (%h, %k, %v, _, %past_key_values.1.key, %past_key_values.1.value)
              %sum = Add(%h, %y1)
              %l = MatMul(%sum, %w)
              return logits=%l
            }
            """;
        PagedCaches found = paged(two);
        assertThat(found.layers()).isEqualTo(2);
        assertThat(text(found)).contains("= Add(%x, %y)").contains("Gather<axis=1>(%h, %rows)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%input_ids | %ids | an input 'ids'",
                "return logits= | return scores= | no output 'logits'",
                "is_causal=1, | | it is not causal",
                "is_causal=1 | is_causal=1, softmax_precision=10 | or is not float32",
                "f32 | f16 | or is not float32",
                "%input_ids: i64[b,s] | %input_ids: i64[*] | no input 'input_ids' of two dimensions",
                "%input_ids: i64[b,s] | %input_ids: i64[b,7] | the second of any size",
                "%l = MatMul(%normal, %w) | %zero = const i64[] {0}; %last = Gather<axis=1>(%normal, %zero); %l = MatMul(%last, %w) "
                        + "| its output 'logits' has not three dimensions",
                "%l = MatMul(%normal, %w) | %only = const i64[1] {0}; %last = Gather<axis=1>(%normal, %only); %l = MatMul(%last, %w) "
                        + "| its output 'logits' has not three dimensions",
                "%sum = Add(%x, %y) | %r = ReduceSum(%past_key_values.0.key); %z = Add(%x, %r); %sum = Add(%z, %y) "
                        + "| is used for more than keys, values and masks",
                "%sum = Add(%x, %y) | %m = Cast<to=1>(%attention_mask); %r = ReduceSum(%m); %z = Add(%x, %r); %sum = Add(%z, %y) "
                        + "| is used for more than keys, values and masks",
                "%shown = Cast<to=9>(%attention_mask) | %zero = const i64[] {0}; %less = Less(%zero, %attention_mask); "
                        + "%shown = Not(%less) | its mask 'shown' is neither",
                "past_key_values.0.value | past_key_values.1.value | its past is not past_key_values.N.key and .value",
                "past_key_values.0.key | past_key_values.0_key | its past is not past_key_values.N.key and .value",
                "past_key_values.0.key | past_key_values.key | its past is not past_key_values.N.key and .value",
                "f32[b,1,p,4] | f32[b,h,p,4] | keys of shape [b,h,p,4]",
                "f32[b,1,p,4] | f32[b,1,p,e] | keys of shape [b,1,p,e]",
                "f32[b,1,p,4] | f32[*] | keys of shape [*]",
                "0.value: f32[b,1,p,4] | 0.value: f32[b,1,p,e] | and values of shape [b,1,p,e]",
                "%sum = Add(%x, %y) | %o = ReduceSum(%pk); %z = Add(%x, %o); %sum = Add(%z, %y) | shows its scores or the present",
                "(%q, %k, %v, %mask, %past_key_values.0.key, %past_key_values.0.value) | (%q, %k, %v) "
                        + "| 0 attentions have a past, and there are 2 inputs",
            })
    void otherDecodersAreRefused(String part, String other, String reason) {
        String text = INPUTS + MASK + ATTENTION + END;
        assertThat(text).contains(part);
        String changed = text.replace(part, other == null ? "" : other).replace("; ", "\n");
        PagedCaches found = paged(changed);
        assertThat(found.graph()).isNull();
        assertThat(found.reason()).contains(reason);
    }

    private static void refused(String text, String reason) {
        PagedCaches found = paged(text);
        assertThat(found.graph()).isNull();
        assertThat(found.reason()).contains(reason);
    }

    private static String changed(String text, String... parts) {
        String changed = text;
        for (int i = 0; i < parts.length; i += 2) {
            assertThat(changed).contains(parts[i]);
            changed = changed.replace(parts[i], parts[i + 1]);
        }
        return changed;
    }

    /** Keys that are computed or constant are no cache, whatever their names are. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "past_key_values.0.key: f32[b,1,p,4] | past_key_values.9.key: f32[b,1,p,4] "
                        + "| %past_key_values.0.key = Neg(%past_key_values.9.key)",
                "past_key_values.0.key: f32[b,1,p,4] | past_key_values.9.key: f32[b,1,p,4] "
                        + "| %past_key_values.0.key = const f32[1,1,2,4] @key",
                "past_key_values.0.value: f32[b,1,p,4] | past_key_values.9.value: f32[b,1,p,4] "
                        + "| %past_key_values.0.value = Neg(%past_key_values.9.value)"
            })
    void pastsAreInputs(String input, String other, String line) {
        String text = INPUTS + MASK + line + "\n" + ATTENTION + END;
        refused(changed(text, input, other), "its past is not");
    }

    @Test
    void twoAttentionsWithOnePastAreRefused() {
        String again = ATTENTION.replace("%y, %pk, %pv", "%y1, %pk1, %pv1");
        String text = INPUTS + MASK + ATTENTION + again + END;
        refused(
                changed(text, "%sum = Add(%x, %y)", "%s1 = Add(%x, %y1)\n%sum = Add(%s1, %y)"),
                "another attention has the same past");
    }

    @Test
    void aDecoderWithoutPastIsRefused() {
        String inputs =
                changed(INPUTS, ", %past_key_values.0.key: f32[b,1,p,4], %past_key_values.0.value: f32[b,1,p,4]", "");
        String attention = changed(ATTENTION, ", %mask, %past_key_values.0.key, %past_key_values.0.value", "");
        refused(inputs + MASK + attention + END, "0 attentions have a past, and there are 0 inputs");
    }

    @Test
    void aPastThatNoAttentionHasIsRefused() {
        String inputs = INPUTS.replace(") {", ", %past_key_values.1.key: f32[b,1,p,4]) {");
        refused(inputs + MASK + ATTENTION + END, "1 attentions have a past, and there are 3 inputs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Gather(%n, %zero)", "Concat<axis=0>(%one, %one, %f, %last)"})
    void queriesWithoutKnownHeadsAreRefused(String shape) {
        String attention = """
              %n = NonZero(%input_ids)
              %zero = const i64[] {0}
              %one = const i64[1] {0}
              %last = const i64[1] {4}
              %f = Shape<start=1>(%n)
              %s = SHAPE
              %ks = const i64[4] {0, 0, 1, 4}
              %ys = const i64[3] {0, 0, 8}
              %qr = Reshape(%q, %s)
              %kr = Reshape(%k, %ks)
              %vr = Reshape(%v, %ks)
              %k4 = Transpose<perm=[0, 2, 1, 3]>(%kr)
              %v4 = Transpose<perm=[0, 2, 1, 3]>(%vr)
              %q4 = Transpose(%qr)
              %y4, %pk, %pv = Attention<is_causal=1>\
            (%q4, %k4, %v4, %mask, %past_key_values.0.key, %past_key_values.0.value)
              %y = Reshape(%y4, %ys)
            """.replace("SHAPE", shape);
        refused(INPUTS + MASK + attention + END, "queries of shape [");
    }

    @Test
    void tokensOfThreeDimensionsAreRefused() {
        String text = changed(
                INPUTS + MASK + ATTENTION + END,
                "%input_ids: i64[b,s]",
                "%input_ids: i64[b,s,1]",
                "%x = Gather(%table, %input_ids)",
                "%e = Gather(%table, %input_ids)\n%x = Squeeze(%e, %two)");
        refused(text, "it has no input 'input_ids' of two dimensions");
    }

    /** Keys and values may have types of their own, and pages have one. */
    @Test
    void valuesOfAnotherTypeAreRefused() {
        String values = changed(INPUTS, "0.value: f32[b,1,p,4]", "0.value: f16[b,1,p,4]") + MASK
                + "%vh = Cast<to=10>(%v)\n" + changed(ATTENTION, "(%q, %k, %v,", "(%q, %k, %vh,");
        refused(values + END, "or is not float32");
        String keys = changed(INPUTS, "0.key: f32[b,1,p,4]", "0.key: f16[b,1,p,4]") + MASK
                + "%qh = Cast<to=10>(%q)\n%kh = Cast<to=10>(%k)\n"
                + changed(ATTENTION, "(%q, %k, %v,", "(%qh, %kh, %v,");
        refused(
                keys + changed(END, "%sum = Add(%x, %y)", "%yf = Cast<to=1>(%y)\n%sum = Add(%x, %yf)"),
                "or is not float32");
    }

    /** Names alone make no cache and no mask, and outputs that nothing reads do not matter. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%sum = Add(%x, %y) | %past_key_values.c = const f32[8] @c; %z = Add(%x, %past_key_values.c); %sum = Add(%z, %y)",
                "%sum = Add(%x, %y) | %past_key_values.n = Neg(%x); %sum = Add(%past_key_values.n, %y)",
                "%y, %pk, %pv = | %y, %pk, %pv, %scores = ",
                "%y, %pk, %pv = | %y, %pk, _, %scores = ",
                "is_causal=1 | is_causal=1, right_window_size=0",
                "is_causal=1 | is_causal=1, right_window_size=2",
                "is_causal=1 | is_causal=1, softmax_precision=1",
                "%sum = Add(%x, %y) | _, %half = Split<axis=-1, num_outputs=2>(%y); %sum = Concat<axis=-1>(%half, %v)",
                "%sum = Add(%x, %y) | %many = SequenceConstruct(%x); %zero = const i64[] {0}; %z = SequenceAt(%many, %zero); "
                        + "%sum = Add(%z, %y)",
                "%sum = Add(%x, %y) | %idle = Neg(%y); %sum = Add(%x, %y)"
            })
    void suchDecodersWorkOnPages(String part, String other) {
        String text = changed(INPUTS + MASK + ATTENTION + END, part, other.replace("; ", "\n"))
                .replace("present.0.value=%pv", shownOutput(other));
        assertThat(text(paged(text))).contains("PagedAttention<heads=2, scale=0.5f>(");
    }

    private static String shownOutput(String other) {
        return other.contains("_, %scores") ? "more=%scores" : "present.0.value=%pv";
    }

    /** An attention without a past sees all tokens of a step, those of other sequences too. */
    @Test
    void anAttentionWithoutPastIsRefused() {
        String more = """
              %length = ReduceMax<keepdims=0>(%position_ids, %column)
              %next = Add(%length, %column)
              %y0 = Attention<kv_num_heads=1, q_num_heads=2>(%q, %k, %v, _, _, _, NEXT)
              %x0 = Add(%x, %y0)
            """;
        String end = changed(END, "%sum = Add(%x, %y)", "%column = const i64[1] {1}\n" + more + "%sum = Add(%x0, %y)");
        for (String next : new String[] {"%next", "_"}) {
            refused(INPUTS + MASK + ATTENTION + end.replace("NEXT", next), "it is not known to keep tokens apart");
        }
    }

    /** Steps that mix the tokens of a step, or depend on where in the step a token stands, or on how many there are. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%z = ReduceMean(%x, %axis1)",
                "%z0 = ReduceMean<keepdims=0>(%x, %axis1); %z = Unsqueeze(%z0, %axis1)",
                "%z = ReduceMax(%x)",
                "%z = ReduceMax(%x, %unknown)",
                "%z = Softmax<axis=1>(%x)",
                "%z = Softmax<axis=-2>(%x)",
                "%z = LogSoftmax<axis=-2>(%x)",
                "%z = CumSum(%x, %one)",
                "%z = RMSNormalization<axis=1>(%x, %scale)",
                "%z = LayerNormalization<axis=1>(%x, %scale)",
                "%z = RMSNormalization<axis=0>(%x, %scale)",
                "%t = Transpose<perm=[0, 2, 1]>(%x); %m = MatMul(%x, %t); %z = MatMul(%m, %x)",
                "%m = dev.tenon.TransposedMatMul(%x, %x); %z = MatMul(%m, %x)",
                "%e = const f32[8,8] @e; %z0 = MatMul(%e, %x); %z = ReduceMean(%z0, %axis1)",
                "%t = Transpose<perm=[0, 2, 1]>(%x); %f = const f32[8,8,3] @f; %c = Conv<pads=[1, 1]>(%t, %f); "
                        + "%z = Transpose<perm=[0, 2, 1]>(%c)",
                "%z0 = Gather<axis=1>(%x, %one); %z = Unsqueeze(%z0, %axis1)",
                "%z0 = Slice(%x, %axis0, %axis1, %axis1); %z = ReduceSum(%z0, %axis1)",
                "%z0 = Slice(%x, %both0, %both0); %z = ReduceSum(%z0, %axis1)",
                "%z0, %z1 = Split<axis=1, num_outputs=2>(%x); %z = ReduceSum(%z0, %axis1)",
                "%z0 = Concat<axis=1>(%x, %x); %z = ReduceSum(%z0, %axis1)",
                "%v0, %i = TopK<axis=1>(%x, %axis1); %z = ReduceSum(%v0, %axis1)",
                "%shape = Shape(%input_ids); %n = Gather(%shape, %one); %nf = Cast<to=1>(%n); %z = Mul(%x, %nf)",
                "%shape = Shape(%input_ids); %n = Gather(%shape, %one); %zero = const i64[] {0}; "
                        + "%r = Range(%zero, %n, %one); %rows = Gather(%table, %r); %z = Add(%x, %rows)",
                "%shape = Shape(%input_ids); %ones = Expand(%axis1, %shape); %c = CumSum(%ones, %one); "
                        + "%z = Gather(%table, %c)",
                "%flat = const i64[3] {0, 8, -1}; %back = const i64[3] {0, -1, 8}; %z0 = Reshape(%x, %flat); %z = Reshape(%z0, %back)",
                "%zero = const i64[] {0}; %axis2 = const i64[1] {2}; %column = Unsqueeze(%position_ids, %axis2); "
                        + "%row = Gather(%position_ids, %zero); %far = Sub(%column, %row); %f = Cast<to=1>(%far); "
                        + "%z = MatMul(%f, %x)",
                "%u = Unique(%input_ids); %rows = Gather(%table, %u); %z = ReduceSum(%rows, %axis0)",
                "%q8, %s, %p = DynamicQuantizeLinear(%x); %z = DequantizeLinear(%q8, %s, %p)",
            })
    void stepsThatMixTokensAreRefused(String lines) {
        String more = """
              %one = const i64[] {1}
              %axis0 = const i64[1] {0}
              %axis1 = const i64[1] {1}
              %both0 = const i64[2] {0, 1}
              %unknown = Neg(%axis1)
            """;
        String text = INPUTS + more + lines.replace("; ", "\n") + "\n" + MASK + ATTENTION
                + changed(END, "%sum = Add(%x, %y)", "%both2 = Add(%x, %z)\n%sum = Add(%both2, %y)");
        refused(text, "it is not known to keep tokens apart, and steps have those of several sequences");
    }

    /** Near misses: the same operators along other axes. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%z = ReduceMean(%x, %axis2)",
                "%z0 = ReduceMean<keepdims=0>(%x, %axis2); %z = Unsqueeze(%z0, %axis2)",
                "%z = ReduceSumSquare<noop_with_empty_axes=1>(%x)",
                "%z = Softmax(%x)",
                "%z = LayerNormalization<axis=2>(%x, %scale, %scale)",
                "%z, %mean = LayerNormalization(%x, %scale)",
                "%t = Transpose<perm=[0, 2, 1]>(%x); %e = const f32[8,8] @e; %m = MatMul(%e, %t); "
                        + "%z = Transpose<perm=[0, 2, 1]>(%m)",
                "%flat = const i64[2] {-1, 8}; %z0 = Reshape(%x, %flat); %e = const f32[8,8] @e; "
                        + "%m = Gemm(%z0, %e, %scale); %s0 = Shape(%x); %z = Reshape(%m, %s0)",
                "%four = const i64[4] {0, 0, 2, 4}; %h = Reshape(%x, %four); %t = Transpose<perm=[0, 2, 1, 3]>(%h); "
                        + "%n = Neg(%t); %u = Transpose<perm=[0, 2, 1, 3]>(%n); %three = const i64[3] {0, 0, 8}; "
                        + "%z = Reshape(%u, %three)",
                "%z0 = Slice(%x, %axis0, %axis1, %axis2); %z = Concat<axis=2>(%z0, %z0, %z0, %z0, %z0, %z0, %z0, %z0)",
                "%z0, %z1 = Split<axis=2, num_outputs=2>(%x); %z = Concat<axis=-1>(%z1, %z0)",
                "%v0, %i = TopK<axis=2>(%x, %axis1); %z = Mul(%x, %v0)",
                "%col = Unsqueeze(%position_ids, %axis2); %f = Cast<to=1>(%col); %freq = const f32[1,8] @freq; "
                        + "%a = MatMul(%f, %freq); %z = Cos(%a)",
                "%shape = Shape(%position_ids); %b = Slice(%shape, %axis0, %axis1); %rest = const i64[2] {8, 1}; "
                        + "%to = Concat<axis=0>(%b, %rest); %freq = const f32[1,8,1] @freq; %wide = Expand(%freq, %to); "
                        + "%row = Unsqueeze(%position_ids, %axis1); %f = Cast<to=1>(%row); %a = MatMul(%wide, %f); "
                        + "%t = Transpose<perm=[0, 2, 1]>(%a); %z = Sin(%t)",
                "%first = Gather<axis=0>(%x, %zero); %z = Mul(%x, %first)",
                "%sh = Shape(%x); %last = Gather(%sh, %two0); %lf = Cast<to=1>(%last); %z = Div(%x, %lf)",
                "%t = dev.tenon.TransposedMatMul(%x, %table); %z = MatMul(%t, %table)",
                "%e = Unsqueeze(%x, %axis1); %e2 = Squeeze(%e, %axis1); %z = Identity(%e2)",
                "%x4 = Unsqueeze(%x, %axis2); %xc = Unsqueeze(%x, %axis3); %row = const f32[1,8] @row; "
                        + "%outer = MatMul(%xc, %row); %m = MatMul(%x4, %outer); %z = Squeeze(%m, %axis2)"
            })
    void stepsThatKeepTokensApartWorkOnPages(String lines) {
        String more = """
              %zero = const i64[] {0}
              %two0 = const i64[] {2}
              %axis0 = const i64[1] {0}
              %axis1 = const i64[1] {1}
              %axis2 = const i64[1] {2}
              %axis3 = const i64[1] {3}
            """;
        String text = INPUTS + more + lines.replace("; ", "\n") + "\n" + MASK + ATTENTION
                + changed(END, "%sum = Add(%x, %y)", "%both2 = Add(%x, %z)\n%sum = Add(%both2, %y)");
        assertThat(text(paged(text))).contains("PagedAttention<heads=2, scale=0.5f>(");
    }

    /** What follows the last attention is computed for some rows if each row depends on the same row alone. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%normal = RMSNormalization(%sum, %scale) | %normal = RMSNormalization<axis=2>(%sum, %scale) | (%sum, %scale)",
                "%normal = RMSNormalization(%sum, %scale) | %normal = LayerNormalization(%sum, %scale) | %sum = Add(%Gather, %Gather_1)",
                "%normal = RMSNormalization(%sum, %scale) | %normal = LayerNormalization<axis=2>(%sum, %scale, %scale) "
                        + "| %sum = Add(%Gather, %Gather_1)",
                "%sum = Add(%x, %y) | %max = const f32[] {3}; %c = Clip(%y, _, %max); %sum = Add(%x, %c) "
                        + "| %c = Clip(%Gather, _, %max)",
                "%sum = Add(%x, %y) | %turned = Neg(%scale); %z = Add(%x, %turned); %sum = Add(%z, %y) "
                        + "| %z = Add(%Gather, %turned)",
                "%l = MatMul(%normal, %w) | %l = dev.tenon.TransposedMatMul(%normal, %table) | %sum = Add(%Gather, %Gather_1)"
            })
    void suchRowsAreComputedAlone(String part, String other, String contained) {
        String text = changed(INPUTS + MASK + ATTENTION + END, part, other.replace("; ", "\n"));
        assertThat(text(paged(text)).replaceAll(": f32\\[[a-z0-9,]*]", "").replaceAll("%\\w+ = const.*\n", ""))
                .contains(contained)
                .doesNotContain("(%l, %rows)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%normal = RMSNormalization(%sum, %scale) | %normal = RMSNormalization(%sum, %first)",
                "%normal = RMSNormalization(%sum, %scale) | %normal = LayerNormalization(%sum, %first)",
                "%normal = RMSNormalization(%sum, %scale) | %normal = LayerNormalization(%sum, %scale, %first)",
                "%normal = RMSNormalization(%sum, %scale) | %normal = Add(%sum, %first)",
                "%normal = RMSNormalization(%sum, %scale) | %normal = Add(%first, %sum)",
                "%normal = RMSNormalization(%sum, %scale) | %row = const f32[1,1,8] @row; %normal = Add(%sum, %row)",
                "%normal = RMSNormalization(%sum, %scale) | %r = RMSNormalization(%sum, %scale); %a = Softmax(%sum); "
                        + "%normal = Add(%r, %a)"
            })
    void suchRowsAreComputedForAll(String part, String other) {
        String more = """
              %zero = const i64[] {0}
              %first = Gather<axis=0>(%x, %zero)
            """;
        String text = changed(INPUTS + MASK + more + ATTENTION + END, part, other.replace("; ", "\n"));
        assertThat(text(paged(text)).replaceAll(": f32\\[[a-z0-9,]*]", "")).contains("%sum = Add(%x, %y)");
    }

    private static final String WINDOWED = INPUTS + WINDOW + ATTENTION.replace("%mask", "%window") + END;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%window = And(%mask, %near_heads) | %window = And(%near_heads, %mask) | 6",
                "%window = And(%mask, %near_heads) | %window = And(%near_heads, %near_heads) | 6",
                "%window = And(%mask, %near_heads) | %window = And(%mask, %mask) | 0",
                "%window = And(%mask, %near_heads) | %window = Unsqueeze(%near, %heads) | 6",
                "%window = And(%mask, %near_heads) | %three = const i64[] {3}; %nearer = Less(%distance, %three); "
                        + "%window = And(%nearer, %near_heads) | 3",
                "%window = And(%mask, %near_heads) | %three = const i64[] {3}; %nearer = Less(%distance, %three); "
                        + "%window = And(%near_heads, %nearer) | 3",
                "%window = And(%mask, %near_heads) | %four = const i64[4] {1, 1, 1, 1}; %window = Expand(%mask, %four) | 0",
                "%width = const i64[] {6} | %width = const i64[1] {1} | 1",
                "%attention_mask: i64[b,p+s] | %attention_mask: bool[b,p+s] | 6",
                "%window, | _, | 0"
            })
    void suchMasksAreWindows(String part, String other, int window) {
        String shown = text(paged(changed(WINDOWED, part, other.replace("; ", "\n"))));
        assertThat(shown)
                .contains("PagedAttention<heads=2, scale=0.5f" + (window == 0 ? "" : ", window=" + window) + ">(");
    }

    /** A mask whose last dimension is not that of keys hides queries. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{1, 2} | {1, 3} | shown",
                "{1, 2} | {1, -1} | shown",
                "{1, 2} | {0, 3} | shown",
                "{0, 1} | {0, 3} | near",
                "{0, 1} | {0, 2} | near",
                "{0, 1} | {1, -2} | near"
            })
    void masksOfQueriesAreRefused(String axes, String other, String of) {
        String text = changed(WINDOWED, "i64[2] " + axes, "i64[2] " + other);
        refused(text, "its mask '" + (of.equals("near") ? "near_heads" : "mask") + "' is neither");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{0, 1}", "{1, 2}", "{-3, -2}", "{2, 0}"})
    void dimensionsBeforeKeysAreMasksOfKeys(String axes) {
        assertThat(text(paged(changed(INPUTS + MASK + ATTENTION + END, "i64[2] {1, 2}", "i64[2] " + axes))))
                .contains("PagedAttention<heads=2, scale=0.5f>(");
    }

    @Test
    void theMaskOfTheCallerMayBeBooleans() {
        String text = INPUTS.replace("%attention_mask: i64[b,p+s]", "%attention_mask: bool[b,1,s,p+s]")
                + ATTENTION.replace("%mask", "%attention_mask")
                + END;
        assertThat(text(paged(text))).contains("PagedAttention<heads=2, scale=0.5f>(");
        refused(text.replace("bool[b,1,s,p+s]", "i64[b,1,s,p+s]"), "its mask 'attention_mask' is neither");
    }

    /** Masks are followed through eight nodes. */
    @Test
    void longChainsOfMasksAreRefused() {
        StringBuilder chain = new StringBuilder("  %a1 = And(%mask, %mask)\n");
        for (int i = 2; i <= 6; i++) {
            chain.append("  %%a%d = And(%%a%d, %%mask)%n".formatted(i, i - 1));
        }
        assertThat(text(paged(INPUTS + MASK + chain + ATTENTION.replace("%mask", "%a6") + END)))
                .contains("PagedAttention<heads=2, scale=0.5f>(");
        chain.append("  %a7 = And(%a6, %mask)\n");
        refused(INPUTS + MASK + chain + ATTENTION.replace("%mask", "%a7") + END, "its mask 'shown' is neither");
    }

    /** Masks that hide other keys than attention_mask and a window do. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%window = And(%mask, %near_heads) | %window = Or(%mask, %near_heads)",
                "%window = And(%mask, %near_heads) | %all_true = const bool[1,1] {true}; %window = And(%mask, %all_true)",
                "%window = And(%mask, %near_heads) | %all_true = const bool[1,1] {true}; %window = And(%all_true, %mask)",
                "%window = And(%mask, %near_heads) | %window = const bool[1,1] {true}",
                "%window = And(%mask, %near_heads) | %window = Cast<to=1>(%attention_mask)",
                "%shown = Cast<to=9>(%attention_mask) | %shown = Cast<to=9>(%keys0)",
                "%shown = Cast<to=9>(%attention_mask) | %f = Cast<to=1>(%attention_mask); %shown = Cast<to=9>(%f)",
                "%width = const i64[] {6} | %width = const i64[] {0}",
                "%width = const i64[] {6} | %width = const i64[2] {6, 6}",
                "%width = const i64[] {6} | %width = ReduceMax<keepdims=0>(%input_ids)",
                "%distance = Sub(%query_column, %keys) | %distance = Add(%query_column, %keys)",
                "%distance = Sub(%query_column, %keys) | %distance = const i64[1,1] {1}",
                "%distance = Sub(%query_column, %keys) | %c = const i64[1,1] {1}; %distance = Sub(%c, %keys)",
                "%distance = Sub(%query_column, %keys) | %c = Neg(%query_column); %distance = Sub(%c, %keys)",
                "%distance = Sub(%query_column, %keys) | %c = const i64[1] {1}; %distance = Sub(%query_column, %c)",
                "%distance = Sub(%query_column, %keys) | %c = Neg(%keys); %distance = Sub(%query_column, %c)",
                "%column = const i64[1] {1} | %column = const i64[1] {0}",
                "Unsqueeze(%queries, %column) | Unsqueeze(%keys0, %column)",
                "Unsqueeze(%queries, %column) | Unsqueeze(%past_row, %column)",
                "%keys = Range(%i0, %all, %i1) | %keys = Range(%i1, %all, %i1)",
                "%keys = Range(%i0, %all, %i1) | %keys = Range(%i0, %n, %i1)",
                "%keys = Range(%i0, %all, %i1) | %keys = Range(%i0, %all, %two0)",
                "%keys = Range(%i0, %all, %i1) | %keys = Clip(%i0, %all, %i1)",
                "%queries = Range(%past, %all, %i1) | %queries = Range(%past, %n, %i1)",
                "%queries = Range(%past, %all, %i1) | %alls = Gather(%mask_shape, %keys0); %ns = Gather(%ids_shape, %keys0); "
                        + "%pasts = Sub(%alls, %ns); %queries = Clip(%pasts, %all, %i1)",
                "%queries = Range(%past, %all, %i1) | %queries = Range(%past, %all, %two0)",
                "%queries = Range(%past, %all, %i1) | %queries = Range(%i1, %all, %i1)",
                "%past = Sub(%all, %n) | %past = Add(%all, %n)",
                "%past = Sub(%all, %n) | %past = Sub(%n, %n)",
                "%past = Sub(%all, %n) | %past = Sub(%all, %all)",
                "%all = Gather(%mask_shape, %i1) | %all = Gather(%mask_shape, %i0)",
                "%all = Gather(%mask_shape, %i1) | %all = Mul(%i1, %i1)",
                "%all = Gather(%mask_shape, %i1) | %all = const i64[] {7}",
                "%all = Gather(%mask_shape, %i1) | %all = GatherND(%mask_shape, %keys0)",
                "%all = Gather(%mask_shape, %i1) | %one = const i32[] {1}; %all = Gather(%mask_shape, %one)",
                "%mask_shape = Shape(%attention_mask) | %mask_shape = Shape(%input_ids)",
                "%mask_shape = Shape(%attention_mask) | %mask_shape = Shape<start=-2>(%attention_mask)",
                "%mask_shape = Shape(%attention_mask) | %s0 = Shape(%attention_mask); %mask_shape = Add(%s0, %s0)",
                "%mask_shape = Shape(%attention_mask) | %mask_shape = const i64[2] {7, 7}",
                "%mask_shape = Shape(%attention_mask) | %m1 = Neg(%attention_mask); %mask_shape = Shape(%m1)",
                "%ids_shape = Shape(%input_ids) | %ids_shape = Shape(%attention_mask)"
            })
    void otherMasksAreRefused(String part, String other) {
        String more = """
              %two0 = const i64[] {2}
              %keys0 = const i64[1] {1}
              %past_row = Neg(%keys0)
            """;
        String text = changed(WINDOWED, part, other.replace("; ", "\n")).replaceFirst("  %shown", more + "  %shown");
        refused(text, "is neither attention_mask nor a window before the token");
    }

    /** A mask that only has the name of the input. */
    @ParameterizedTest
    @ValueSource(strings = {"%attention_mask = const bool[1,1] {true}", "%attention_mask = Not(%none)"})
    void valuesWithTheNameOfTheMaskAreRefused(String line) {
        String text = changed(INPUTS, ", %attention_mask: i64[b,p+s]", "") + "%none = const bool[1,1] {false}\n" + line
                + "\n" + ATTENTION.replace("%mask", "%attention_mask") + END;
        refused(text, "its mask 'attention_mask' is neither");
    }
}
