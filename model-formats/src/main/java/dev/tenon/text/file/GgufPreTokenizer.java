package dev.tenon.text.file;

import dev.tenon.formats.json.Members;
import dev.tenon.text.regex.OnigurumaRegex;
import dev.tenon.text.split.Splits;
import dev.tenon.text.stage.Behavior;
import dev.tenon.text.stage.PreTokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The pre-tokenizers of byte pairs that GGUF files name. A file names one for each way to cut a text into words; the ways have
 * several names. An unknown name is an error: text that is cut in another way spoils a model in silence.
 */
enum GgufPreTokenizer {
    /** That of files from before the key had names. */
    DEFAULT(List.of("default"), false, "[\\p{P}\\$\\+<=>\\^~\\|]+", Splits.GPT2_WORDS, "\\p{N}+", "[0-9][0-9][0-9]"),
    /** GPT-2. */
    GPT2(
            List.of(
                    "gpt-2",
                    "phi-2",
                    "jina-es",
                    "jina-de",
                    "jina-v2-es",
                    "jina-v2-de",
                    "gigachat",
                    "a.x-4.0",
                    "mellum",
                    "modern-bert",
                    "exaone4",
                    "mpt",
                    "olmo",
                    "jais",
                    "trillion",
                    "granite-docling"),
            false,
            Splits.GPT2_WORDS),
    /** GPT-2 with digits that stand alone. */
    STARCODER(
            List.of("starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"),
            false,
            "\\p{N}",
            Splits.GPT2_WORDS),
    /** Falcon. */
    FALCON(List.of("falcon"), false, "[\\p{P}\\$\\+<=>\\^~\\|`]+", Splits.GPT2_WORDS, "[0-9][0-9][0-9]"),
    /** Llama 3. */
    LLAMA3(
            List.of(
                    "llama3",
                    "llama-v3",
                    "llama-bpe",
                    "falcon3",
                    "falcon-h1",
                    "pixtral",
                    "midm-2.0",
                    "lfm2",
                    "jina-v5-nano"),
            true,
            Words.begin("\\p{L}+|\\p{N}{1,3}")),
    /** The words of Llama 3, spelled by merges alone. */
    CHATGLM(List.of("glm4", "chatglm-bpe", "dbrx", "smaug-bpe"), false, Words.begin("\\p{L}+|\\p{N}{1,3}")),
    /** Qwen 2 to 3. */
    QWEN2(
            List.of(
                    "qwen2",
                    "deepseek-r1-qwen",
                    "kormo",
                    "f2llmv2",
                    "megrez",
                    "stablelm2",
                    "hunyuan",
                    "solar-open",
                    "grok-2"),
            false,
            Words.begin("\\p{L}+|\\p{N}")),
    /** Qwen 3.5. */
    QWEN35(
            List.of("qwen35"),
            false,
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                    + Words.SPACES),
    /** Mistral's byte pairs. */
    TEKKEN(
            List.of("tekken"),
            true,
            "[^\\r\\n\\p{L}\\p{N}]?" + Words.UPPER + "*" + Words.LOWER + "+|[^\\r\\n\\p{L}\\p{N}]?" + Words.UPPER + "+"
                    + Words.LOWER + "*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + Words.SPACES),
    /** GPT-4o and Llama 4. */
    GPT4O(
            List.of("gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"),
            false,
            "[^\\r\\n\\p{L}\\p{N}]?" + Words.UPPER + "*" + Words.LOWER + "+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
                    + "[^\\r\\n\\p{L}\\p{N}]?" + Words.UPPER + "+" + Words.LOWER + "*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
                    + "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + Words.SPACES);

    /** Parts of the expressions. */
    private static final class Words {
        private static final String SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
        private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

        private static String begin(String lettersAndNumbers) {
            return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?" + lettersAndNumbers
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + SPACES;
        }
    }

    private final List<String> names;
    private final boolean ignoresMerges;
    private final List<String> expressions;

    GgufPreTokenizer(List<String> names, boolean ignoresMerges, String... expressions) {
        this.names = names;
        this.ignoresMerges = ignoresMerges;
        this.expressions = List.of(expressions);
    }

    /** The pre-tokenizer that a file names. */
    static GgufPreTokenizer of(Members metadata, String key) {
        String name = metadata.get(key, String.class);
        return Arrays.stream(values())
                .filter(each -> each.names.contains(name))
                .findFirst()
                .orElseThrow(() -> metadata.unsupported(
                        key,
                        String.join(
                                ", ",
                                Arrays.stream(values())
                                        .flatMap(each -> each.names.stream())
                                        .sorted()
                                        .toList())));
    }

    /** Whether a word that is a token is not spelled by merges. */
    boolean ignoresMerges() {
        return ignoresMerges;
    }

    /** Whether a text begins with a special token unless the file says otherwise. */
    boolean addsStart() {
        return ignoresMerges;
    }

    /** Cuts a text into words, one expression after the other, and replaces their bytes by visible characters. */
    PreTokenizer splits() {
        Stream<PreTokenizer> cuts = expressions.stream()
                .map(each -> Splits.at(OnigurumaRegex.of("pre-tokenizer " + name(), each), false, Behavior.ISOLATED));
        return Splits.sequence(
                Stream.concat(cuts, Stream.of(Splits.byteLevel(false, false))).toList());
    }
}
