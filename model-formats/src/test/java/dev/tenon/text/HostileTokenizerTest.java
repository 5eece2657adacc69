package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.text.split.Splits;
import dev.tenon.text.stage.Finder;
import dev.tenon.text.stage.Spans;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that ask for much more time or memory than their size. Each ends in a typed exception. */
class HostileTokenizerTest {
    private static final String DOUBLE = "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}";

    private static Tokenizer load(TokenizerJson json) {
        return load(json.text(), TokenizerOptions.standard());
    }

    private static Tokenizer load(String json, TokenizerOptions options) {
        return Tokenizer.load(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), options);
    }

    private static String sequence(String list, String part) {
        return "{\"type\":\"Sequence\",\"" + list + "\":[" + String.join(",", Collections.nCopies(60, part)) + "]}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "normalizer | normalizers | {\"type\":\"Lowercase\"}",
                "pre_tokenizer | pretokenizers | {\"type\":\"WhitespaceSplit\"}",
                "post_processor | processors | {\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true}",
                "decoder | decoders | {\"type\":\"Fuse\"}",
                "normalizer | normalizers | {\"type\":\"Sequence\",\"normalizers\":[]}",
            })
    void manyStages(String kind, String list, String stage) {
        String few = sequence(list, stage);
        assertThat(load(TokenizerJson.small().with(kind, few)).encode("a").length())
                .isGreaterThanOrEqualTo(1);
        String many = "{\"type\":\"Sequence\",\"" + list + "\":[" + few + "," + few + "," + few + "]}";
        assertThatThrownBy(() -> load(TokenizerJson.small().with(kind, many)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining(kind)
                .hasMessageContaining("184 stages");
    }

    @Test
    void normalizersThatDoubleTheText() {
        TokenizerJson json = TokenizerJson.small().with("normalizer", sequence("normalizers", DOUBLE));
        Tokenizer tokenizer = load(json);
        assertThat(tokenizer.encode("b").length()).isEqualTo(3);
        assertThatThrownBy(() -> tokenizer.encode("a"))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("normalizer");
        assertThatThrownBy(() -> load(json.plusAdded(TokenizerJson.added(40, "a1", "", true))))
                .isInstanceOf(ResourceLimitException.class);
        String marks = "{\"type\":\"Prepend\",\"prepend\":\"" + "c".repeat(10_000) + "\"}";
        assertThatThrownBy(() -> load(TokenizerJson.small().with("normalizer", sequence("normalizers", marks)))
                        .encode("b"))
                .isInstanceOf(ResourceLimitException.class);
    }

    @Test
    void decodersThatDoubleTheText() {
        Tokenizer tokenizer = load(TokenizerJson.small().with("decoder", sequence("decoders", DOUBLE)));
        assertThat(tokenizer.decode(5)).isEqualTo("b");
        assertThatThrownBy(() -> tokenizer.decode(4))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("decoder");
    }

    @Test
    void numbersOfAnArrayCountAsRecords() {
        String more = ",\"more\":[" + String.join(",", Collections.nCopies(300, "null,1,true")) + "]}";
        String small = TokenizerJson.small().text();
        String json = small.substring(0, small.length() - 1) + more;
        TokenizerOptions options = TokenizerOptions.standard();
        assertThat(load(json, options.limits(Limits.standard().maxRecords(1200)))
                        .encode("a")
                        .length())
                .isEqualTo(3);
        assertThatThrownBy(() -> load(json, options.limits(Limits.standard().maxRecords(800))))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxRecords");
    }

    @Test
    void longNamesAreCutInMessages() {
        String name = "n".repeat(10_000);
        String json = "{\"" + name + "\":{\"" + name + "\":[[{\"a\":1,\"a\":2}]]}}";
        assertThatThrownBy(() -> load(json, TokenizerOptions.standard()))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("nnn....nnn")
                .hasMessageContaining("nnn...[0][0].a: present twice")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
    }

    @Test
    void templatesOfManyParts() {
        TokenizerJson json = TokenizerJson.small();
        String part = "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}";
        String many = String.join(",", Collections.nCopies(5000, part));
        assertThatThrownBy(() -> load(json.edited("post_processor", part + ",", many + ",")))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("post_processor.single");
        Tokenizer tokenizer = load(
                json.edited("post_processor", part + ",", String.join(",", Collections.nCopies(4000, part)) + ","));
        assertThat(tokenizer.encode("a b").length()).isEqualTo(8002);
        assertThatThrownBy(() -> tokenizer.encode("a ".repeat(10_000)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("40000002 tokens");
    }

    @Test
    void specialTokensOfManyIds() {
        String ids = String.join(",", Collections.nCopies(3000, "3"));
        assertThatThrownBy(() ->
                        load(TokenizerJson.small().edited("post_processor", "\"ids\":[3]", "\"ids\":[" + ids + "]")))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("6001 special tokens");
    }

    @Test
    void tokensOfManyCharacters() {
        String token = "a".repeat(513);
        assertThatThrownBy(() -> load(TokenizerJson.small().plusAdded(TokenizerJson.added(40, token, "", false))))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("512");
        assertThatThrownBy(() -> load(TokenizerJson.small().edited("model", "\"abc\"", "\"" + token + "\"")))
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("512");
        assertThat(load(TokenizerJson.small().plusAdded(TokenizerJson.added(40, token.substring(1), "", false)))
                        .encode(token.substring(1))
                        .length())
                .isEqualTo(3);
    }

    // The reference gives each space of a run a token that reaches to the end of the run.
    @Test
    void spacesThatTakeTheSpacesAfterThem() {
        for (String flags : List.of("plain rstrip", "plain lstrip rstrip")) {
            TokenizerJson json = TokenizerJson.small().plusAdded(TokenizerJson.added(33, " ", flags, false));
            Tokenizer tokenizer = load(json);
            try (HuggingFaceOracle oracle = HuggingFaceOracle.of(json.text())) {
                for (String text : List.of(" ", "a   b  ", "   a" + " ".repeat(40), " \t \u00A0 b")) {
                    Agreement.check(text, tokenizer.encode(text), oracle.encode(text));
                }
            }
        }
        Tokenizer right = load(TokenizerJson.small().plusAdded(TokenizerJson.added(33, " ", "plain rstrip", false)));
        assertThatThrownBy(() -> right.encode(" ".repeat(1_000_000))).isInstanceOf(ResourceLimitException.class);
        Tokenizer both =
                load(TokenizerJson.small().plusAdded(TokenizerJson.added(33, " ", "plain lstrip rstrip", false)));
        assertThat(both.encode(" ".repeat(1_000_000)).length()).isEqualTo(3);
    }

    @Test
    void paddingIsCheckedBeforeItIsMade() {
        TokenizerJson json = TokenizerJson.small();
        Tokenizer fixed = load(
                json.text(),
                TokenizerOptions.standard()
                        .padding(Padding.fixed(1 << 20))
                        .maxLength(3)
                        .windows(0));
        assertThat(fixed.encode("a b c").overflowing()).hasSize(2);
        assertThatThrownBy(() -> fixed.encode("a ".repeat(17)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("1048576");
        assertThatThrownBy(() -> fixed.encodeBatch(Collections.nCopies(17, "a")))
                .isInstanceOf(ResourceLimitException.class);
    }

    @Test
    void literalsAreFoundAsOneByOneSearchFindsThem() {
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            String wanted = letters(random, 2 + random.nextInt(5));
            String text = letters(random, random.nextInt(40));
            StringBuilder expected = new StringBuilder();
            int done = 0;
            for (int at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, done)) {
                expected.append(at > done ? done + "-" + at + " " : "").append(at + "! ");
                done = at + wanted.length();
            }
            expected.append(done < text.length() ? done + "-" + text.length() + " " : "");
            assertThat(found(Splits.literal(wanted), text))
                    .as(wanted + " in " + text)
                    .isEqualTo(expected.toString());
        }
        String many = "a".repeat(1_000_000);
        assertThat(found(Splits.literal("a".repeat(400_000) + "b"), many)).isEqualTo("0-1000000 ");
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(random.nextInt(3) == 0 ? 'b' : 'a');
        }
        return text.toString();
    }

    private static String found(Finder finder, String text) {
        Spans spans = new Spans();
        finder.find(text.codePoints().toArray(), 0, text.length(), spans);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < spans.size(); i++) {
            all.append(spans.from(i)).append(spans.isMatch(i) ? "! " : "-" + spans.to(i) + " ");
        }
        return all.toString();
    }
}
