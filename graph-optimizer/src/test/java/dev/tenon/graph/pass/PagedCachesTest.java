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

/** The graphs of decoders over pages, and decoders that are refused, with the reason. */
class PagedCachesTest {
    private static final PagedCaches.Sizes SIZES = new PagedCaches.Sizes(9, 3, 4, DType.FLOAT32);

    private static final Pattern WEIGHTS = Pattern.compile("f32\\[([0-9,]+)\\] @\\w+");

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
            int size = Arrays.stream(m.group(1).split(","))
                    .mapToInt(Integer::parseInt)
                    .reduce(1, (a, b) -> a * b);
            return "f32[" + m.group(1) + "] "
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
    @CsvSource({"-1,6", "9,6", "3,4"})
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
                "is_causal=1 | is_causal=1, right_window_size=2 | it is not causal",
                "%sum = Add(%x, %y) | %m = Cast<to=1>(%attention_mask); %r = ReduceSum(%m); %z = Add(%x, %r); %sum = Add(%z, %y) "
                        + "| is used for more than keys, values and masks",
                "%shown = Cast<to=9>(%attention_mask) | %zero = const i64[] {0}; %less = Less(%zero, %attention_mask); "
                        + "%shown = Not(%less) | its mask 'shown' is neither",
                "past_key_values.0.value | past_key_values.1.value | its past is not past_key_values.N.key and .value",
                "f32[b,1,p,4] | f32[b,h,p,4] | keys of shape [b,h,p,4]",
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
}
