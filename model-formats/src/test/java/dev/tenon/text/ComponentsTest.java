package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.Texts;
import dev.tenon.text.normalize.ByteCharacters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A small file for each component. Ids, offsets and decoded texts are those of the reference. */
class ComponentsTest {
    private static final long SEED = Long.getLong("tenon.text.seed", 20261129L);
    private static final int TEXTS = Exhaustive.isOn() ? 1000 : 30;

    @TempDir
    private static Path folder;

    static Stream<String> normalizers() {
        return Stream.of(
                "{'type':'NFC'}",
                "{'type':'NFD'}",
                "{'type':'NFKC'}",
                "{'type':'NFKD'}",
                "{'type':'Lowercase'}",
                "{'type':'StripAccents'}",
                "{'type':'Nmt'}",
                "{'type':'ByteLevel'}",
                "{'type':'Strip','strip_left':true,'strip_right':true}",
                "{'type':'Strip','strip_left':false,'strip_right':true}",
                "{'type':'Strip','strip_left':true,'strip_right':false}",
                "{'type':'Prepend','prepend':'<>'}",
                "{'type':'Replace','pattern':{'String':' '},'content':'__'}",
                "{'type':'Replace','pattern':{'String':'ab'},'content':''}",
                "{'type':'Replace','pattern':{'Regex':' {2,}'},'content':' '}",
                "{'type':'Replace','pattern':{'Regex':'\\\\p{M}+|[^\\\\w\\\\s]'},'content':'?!'}",
                "{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,'strip_accents':null,'lowercase':true}",
                "{'type':'Sequence','normalizers':[{'type':'NFD'},{'type':'StripAccents'},{'type':'Lowercase'},{'type':'NFC'}]}",
                "{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'_'},{'type':'NFKC'},"
                        + "{'type':'Replace','pattern':{'String':' '},'content':'_'}]}");
    }

    @ParameterizedTest
    @MethodSource("normalizers")
    void normalizer(String normalizer, TestReporter reporter) {
        check(new Parts(normalizer, "{'type':'WhitespaceSplit'}", "null", "null"), reporter);
        check(new Parts(normalizer, "null", "null", "null"), reporter);
    }

    static Stream<String> preTokenizers() {
        List<String> all = new ArrayList<>(List.of(
                "{'type':'BertPreTokenizer'}",
                "{'type':'Whitespace'}",
                "{'type':'WhitespaceSplit'}",
                "{'type':'Digits','individual_digits':true}",
                "{'type':'Digits','individual_digits':false}",
                "{'type':'CharDelimiterSplit','delimiter':'a'}",
                "{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true,'use_regex':true}",
                "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':false,'use_regex':true}",
                "{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':false,'use_regex':false}",
                "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'always','split':true}",
                "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'first','split':true}",
                "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'never','split':true}",
                "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'first','split':false}",
                "{'type':'Metaspace','replacement':'\u2581','add_prefix_space':true}",
                "{'type':'Sequence','pretokenizers':[{'type':'Whitespace'},{'type':'Digits','individual_digits':true}]}",
                "{'type':'Sequence','pretokenizers':[{'type':'Punctuation','behavior':'MergedWithNext'},"
                        + "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'first','split':true}]}"));
        for (String behavior : List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")) {
            all.add("{'type':'Punctuation','behavior':'" + behavior + "'}");
            for (boolean invert : new boolean[] {false, true}) {
                all.add("{'type':'Split','pattern':{'String':' '},'behavior':'%s','invert':%b}"
                        .formatted(behavior, invert));
                all.add(
                        "{'type':'Split','pattern':{'Regex':'\\\\p{L}+|\\\\s?\\\\p{N}{1,3}'},'behavior':'%s','invert':%b}"
                                .formatted(behavior, invert));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("preTokenizers")
    void preTokenizer(String preTokenizer, TestReporter reporter) {
        check(new Parts("null", preTokenizer, "null", "null"), reporter);
        check(new Parts("{'type':'NFKD'}", preTokenizer, "null", "null"), reporter);
    }

    static Stream<String> expressions() {
        return Stream.of(
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'ll)?"
                        + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}]*|\\p{N}{1,3}"
                        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                        + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[\\p{Han}\\p{Hiragana}\\p{Katakana}]+|[^\\W\\d_]+|\\d+?",
                "(?:ab|a)+?c?|(?<=\\s)\\S|(?<!\\w)\\w++",
                "[a-z&&[^aeiou]]+|[[:alpha:]]|[\\u4E00-\\u9FFF]+",
                "^.|.$|\\A\\s+|\\s*\\z|\\bx\\b",
                "(?>a|ab)c|a{2}|b{,2}c|\\x{1F600}|\\t");
    }

    @ParameterizedTest
    @MethodSource("expressions")
    void expression(String expression, TestReporter reporter) {
        String split = "{'type':'Split','pattern':{'Regex':"
                + TokenizerJson.quoted(expression).replace("'", "\\u0027") + "},'behavior':'Isolated','invert':false}";
        check(new Parts("null", split.replace("\\u0027", "\u0000"), "null", "null"), reporter);
    }

    static Stream<String> postProcessors() {
        return Stream.of(
                "{'type':'BertProcessing','sep':['b',3],'cls':['a',2]}",
                "{'type':'RobertaProcessing','sep':['b',3],'cls':['a',2],'trim_offsets':true,'add_prefix_space':true}",
                "{'type':'RobertaProcessing','sep':['b',3],'cls':['a',2],'trim_offsets':true,'add_prefix_space':false}",
                "{'type':'RobertaProcessing','sep':['b',3],'cls':['a',2],'trim_offsets':false,'add_prefix_space':false}",
                "{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true,'use_regex':true}",
                "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':true}",
                "{'type':'Sequence','processors':[{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true},"
                        + "{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'c','type_id':0}},"
                        + "{'Sequence':{'id':'A','type_id':0}}],'pair':[{'Sequence':{'id':'B','type_id':1}},"
                        + "{'SpecialToken':{'id':'c','type_id':4}},{'Sequence':{'id':'A','type_id':2}}],"
                        + "'special_tokens':{'c':{'id':'c','ids':[4,5],'tokens':['c','c']}}}]}");
    }

    @ParameterizedTest
    @MethodSource("postProcessors")
    void postProcessor(String postProcessor, TestReporter reporter) {
        String bytes = "{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true,'use_regex':true}";
        Parts parts = new Parts("null", bytes, postProcessor, "null");
        check(parts, reporter);
        String json = parts.json(TokenizerJson.bytePairs(parts.alphabet()));
        reporter.publishEntry("seed", String.valueOf(SEED));
        Random random = new Random(SEED);
        try (HuggingFaceOracle oracle = HuggingFaceOracle.of(json)) {
            Tokenizer ours = Tokenizer.load(TokenizerJson.write(folder, json));
            for (int i = 0; i < TEXTS; i++) {
                String first = text(random, i);
                String second = text(random, i);
                Agreement.check(first, second, ours.encode(first, second), oracle.encode(first, second));
            }
        }
    }

    static Stream<String> decoders() {
        return Stream.of(
                "{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true,'use_regex':true}",
                "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'always','split':true}",
                "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'never','split':true}",
                "{'type':'WordPiece','prefix':'##','cleanup':true}",
                "{'type':'WordPiece','prefix':'a','cleanup':false}",
                "{'type':'BPEDecoder','suffix':'a'}",
                "{'type':'CTC','pad_token':'a','word_delimiter_token':'|','cleanup':true}",
                "{'type':'Fuse'}",
                "{'type':'ByteFallback'}",
                "{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'\u2581'},'content':' '},"
                        + "{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]}",
                "{'type':'Strip','content':'a','start':2,'stop':0}",
                "{'type':'Replace','pattern':{'Regex':'[a-c]+'},'content':'x'}");
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void decoder(String decoder, TestReporter reporter) {
        check(new Parts("null", "{'type':'WhitespaceSplit'}", "null", decoder), reporter);
    }

    /** Tokens in any order, as a language model may choose them: they need not spell text. */
    @ParameterizedTest
    @MethodSource("decoders")
    void decoderOfAnyTokens(String decoder, TestReporter reporter) {
        reporter.publishEntry("seed", String.valueOf(SEED));
        Random random = new Random(SEED);
        for (boolean alphabet : new boolean[] {true, false}) {
            String json = new Parts("null", "{'type':'WhitespaceSplit'}", "null", decoder)
                    .json(TokenizerJson.bytePairs(alphabet));
            try (HuggingFaceOracle oracle = HuggingFaceOracle.of(json)) {
                Tokenizer ours = Tokenizer.load(TokenizerJson.write(folder, json));
                int[] known = IntStream.range(0, 1 << 16)
                        .filter(id -> ours.token(id).isPresent())
                        .toArray();
                int[] bytes = IntStream.of(0xED, 0xA0, 0xBF, 0x80, 0xF0, 0x9F, 0xE0, 0xF4, 0x90, 0xC3, 'A')
                        .map(b -> ours.id(String.valueOf(ByteCharacters.character(b)))
                                .orElse(known[0]))
                        .toArray();
                for (int i = 0; i < TEXTS; i++) {
                    int[] from = i % 2 == 0 ? known : bytes;
                    int[] ids =
                            random.ints(1 + i, 0, from.length).map(k -> from[k]).toArray();
                    assertThat(ours.decode(ids, true))
                            .as(() -> Arrays.toString(ids))
                            .isEqualTo(oracle.decode(ids, true));
                }
            }
        }
    }

    /** The JSON of stages, with single quotes, in which a zero stands for a single quote. */
    private record Parts(String normalizer, String preTokenizer, String postProcessor, String decoder) {
        String json(String model) {
            return "{'version':'1.0','truncation':null,'padding':null,'added_tokens':[],'normalizer':%s,'pre_tokenizer':%s,"
                            .formatted(normalizer, preTokenizer)
                            .concat("'post_processor':%s,'decoder':%s,'model':".formatted(postProcessor, decoder))
                            .replace('\'', '"')
                            .replace('\u0000', '\'')
                    + model + "}";
        }

        /** Byte characters, or letters of texts and the tokens of bytes. */
        boolean alphabet() {
            return preTokenizer.contains("ByteLevel") || normalizer.contains("ByteLevel");
        }
    }

    private static void check(Parts parts, TestReporter reporter) {
        reporter.publishEntry("seed", String.valueOf(SEED));
        List<String> models = List.of(
                TokenizerJson.bytePairs(parts.alphabet()), TokenizerJson.unigram(false), TokenizerJson.unigram(true));
        for (String model : models) {
            String json = parts.json(model);
            Random random = new Random(SEED);
            try (HuggingFaceOracle oracle = HuggingFaceOracle.of(json)) {
                Tokenizer ours = Tokenizer.load(TokenizerJson.write(folder, json));
                for (int i = 0; i < TEXTS; i++) {
                    String text = text(random, i);
                    Encoding encoding = ours.encode(text);
                    Agreement.check(text, encoding, oracle.encode(Texts.wellFormed(text)));
                    assertThat(ours.decode(encoding.ids(), true))
                            .as(() -> Texts.escaped(text))
                            .isEqualTo(encoding.length() == 0 ? "" : oracle.decode(encoding.ids(), true));
                }
            }
        }
    }

    private static String text(Random random, int index) {
        if (index % 2 == 0) {
            return Scripts.text(random, index / 2 % Scripts.count());
        }
        String[] parts = {
            "a", "b", "c", "ab", "bc", " ", "  ", "abc", "1", "12", "\n", ".", "x", "##a", "|", "<0x41>", "\u2581"
        };
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(10); i >= 0; i--) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }
}
