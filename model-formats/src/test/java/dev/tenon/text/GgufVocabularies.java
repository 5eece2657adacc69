package dev.tenon.text;

import dev.tenon.formats.gguf.GgufWriter;
import dev.tenon.formats.json.JsonText;
import dev.tenon.testkit.Texts;
import dev.tenon.text.normalize.ByteCharacters;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Vocabularies that are trained on texts in many scripts, always the same ones, as the metadata of GGUF files. {@code main} writes
 * them and the texts of {@link #texts}, each after a line with its length in bytes, for other programs to compare with: {@code GgufVocabularies FOLDER}.
 */
final class GgufVocabularies {
    static final List<String> SPECIAL = List.of("<|endoftext|>", "<|im_start|>", "<tool>");
    private static final int SEED = 5;
    private static final int TRAINING_TEXTS = 600;
    private static final int MERGES = 400;
    private static final int ROUNDS = 4;
    private static final int BYTES = 256;
    private static final String SPACE = "\u2581";

    /** Byte pairs: merges, and the tokens in the order of their ids without the special ones. */
    private record Trained(List<String> merges, List<String> tokens) {}

    private static final Trained BYTE_PAIRS = train(true);
    private static final Trained PIECES = train(false);

    private GgufVocabularies() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        for (String pre : List.of(
                "default",
                "gpt-2",
                "starcoder",
                "falcon",
                "llama-bpe",
                "chatglm-bpe",
                "qwen2",
                "qwen35",
                "tekken",
                "gpt-4o")) {
            bytePairs(pre).write(folder.resolve("bytes-" + pre + ".gguf"));
        }
        sentencePiece(true).write(folder.resolve("pieces-true.gguf"));
        sentencePiece(false).write(folder.resolve("pieces-false.gguf"));
        wordPiece().write(folder.resolve("words.gguf"));
        try (OutputStream out = Files.newOutputStream(folder.resolve("texts"))) {
            for (String text : texts()) {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                out.write((utf8.length + "\n").getBytes(StandardCharsets.UTF_8));
                out.write(utf8);
                out.write('\n');
            }
        }
    }

    /** Texts without unpaired surrogates and without zeros. */
    static List<String> texts() {
        List<String> texts = new ArrayList<>(Texts.all());
        texts.addAll(Scripts.texts(new Random(7), 230));
        return texts.stream()
                .map(Texts::wellFormed)
                .filter(text -> text.indexOf(0) < 0 && text.length() < 2000)
                .toList();
    }

    /** In each round, the most frequent pairs of neighbours become tokens, all at once: any list of merges is a vocabulary. */
    private static Trained train(boolean bytes) {
        Map<List<String>, Integer> words = new LinkedHashMap<>();
        Random random = new Random(SEED);
        for (int i = 0; i < TRAINING_TEXTS; i++) {
            String text = Texts.wellFormed(Scripts.text(random, i % Scripts.count()));
            for (String word : text.split("(?= )", -1)) {
                // Tokens that are trained must not be special ones.
                words.merge(spelled(word.replaceAll("[<>\\[\\]|]", ""), bytes), 1, Integer::sum);
            }
        }
        List<String> merges = new ArrayList<>();
        Set<String> tokens = new LinkedHashSet<>();
        if (bytes) {
            for (int b = 0; b < BYTES; b++) {
                tokens.add(Character.toString(ByteCharacters.character(b)));
            }
        } else {
            words.keySet().forEach(tokens::addAll);
        }
        for (int round = 0; round < ROUNDS; round++) {
            Map<String, Integer> counts = new TreeMap<>();
            words.forEach((word, count) -> {
                for (int i = 1; i < word.size(); i++) {
                    counts.merge(word.get(i - 1) + " " + word.get(i), count, Integer::sum);
                }
            });
            List<String> best = counts.entrySet().stream()
                    .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                    .map(Map.Entry::getKey)
                    .filter(pair -> !tokens.contains(pair.replace(" ", "")))
                    .limit(MERGES / ROUNDS)
                    .toList();
            merges.addAll(best);
            best.forEach(pair -> tokens.add(pair.replace(" ", "")));
            words = merged(words, new HashSet<>(best));
        }
        return new Trained(merges, List.copyOf(tokens));
    }

    private static Map<List<String>, Integer> merged(Map<List<String>, Integer> words, Set<String> pairs) {
        Map<List<String>, Integer> result = new LinkedHashMap<>();
        words.forEach((word, count) -> {
            List<String> now = new ArrayList<>();
            for (String symbol : word) {
                if (!now.isEmpty() && pairs.contains(now.getLast() + " " + symbol)) {
                    now.set(now.size() - 1, now.getLast() + symbol);
                } else {
                    now.add(symbol);
                }
            }
            result.merge(now, count, Integer::sum);
        });
        return result;
    }

    private static List<String> spelled(String word, boolean bytes) {
        if (!bytes) {
            return word.replace(" ", SPACE)
                    .codePoints()
                    .mapToObj(Character::toString)
                    .toList();
        }
        List<String> symbols = new ArrayList<>();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            symbols.add(Character.toString(ByteCharacters.character(b & 0xFF)));
        }
        return symbols;
    }

    private static Map<String, Object> vocabulary(String model, List<String> tokens, int[] types) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("general.architecture", "llama");
        all.put("tokenizer.ggml.model", model);
        all.put("tokenizer.ggml.tokens", tokens);
        all.put("tokenizer.ggml.token_type", types);
        return all;
    }

    private static GgufWriter writer(Map<String, Object> metadata) {
        GgufWriter writer = new GgufWriter();
        metadata.forEach(writer::put);
        return writer;
    }

    private static List<String> byteTokens() {
        List<String> tokens = new ArrayList<>(BYTE_PAIRS.tokens());
        tokens.addAll(SPECIAL);
        return tokens;
    }

    /** Byte pairs with a pre-tokenizer. The first two special tokens are control tokens, the third one is not. */
    static GgufWriter bytePairs(String pre) {
        List<String> tokens = byteTokens();
        int[] types = new int[tokens.size()];
        Arrays.fill(types, 1);
        int first = BYTE_PAIRS.tokens().size();
        types[first] = 3;
        types[first + 1] = 3;
        types[first + 2] = 4;
        Map<String, Object> all = vocabulary("gpt2", tokens, types);
        all.put("tokenizer.ggml.pre", pre);
        all.put("tokenizer.ggml.merges", BYTE_PAIRS.merges());
        all.put("tokenizer.ggml.bos_token_id", first);
        all.put("tokenizer.ggml.eos_token_id", first);
        all.put("tokenizer.ggml.add_bos_token", false);
        return writer(all);
    }

    /** The same as a tokenizer.json, with a pre-tokenizer in JSON. */
    static String json(String preTokenizer, boolean ignoresMerges) {
        List<String> tokens = byteTokens();
        Map<String, Object> ids = new LinkedHashMap<>();
        tokens.forEach(token -> ids.put(token, ids.size()));
        List<Object> added = new ArrayList<>();
        for (String token : SPECIAL) {
            Map<String, Object> one = new LinkedHashMap<>(Map.of("id", ids.get(token), "content", token));
            one.put("special", !token.equals("<tool>"));
            List.of("single_word", "lstrip", "rstrip", "normalized").forEach(flag -> one.put(flag, false));
            added.add(one);
        }
        String model = "{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,\"continuing_subword_prefix\":null,"
                + "\"end_of_word_suffix\":null,\"fuse_unk\":false,\"byte_fallback\":false,\"ignore_merges\":"
                + ignoresMerges
                + ",\"vocab\":" + JsonText.of(ids) + ",\"merges\":" + JsonText.of(BYTE_PAIRS.merges()) + "}";
        return "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":" + JsonText.of(added)
                + ",\"normalizer\":null,\"pre_tokenizer\":" + preTokenizer + ",\"post_processor\":null,"
                + "\"decoder\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":false,\"use_regex\":false},"
                + "\"model\":" + model + "}";
    }

    /** Pieces with scores, and tokens for all bytes. Every third score is that of the token before. */
    static GgufWriter sentencePiece(boolean prefixed) {
        List<String> tokens = pieces();
        int words = 3 + BYTES;
        int[] types = new int[tokens.size()];
        float[] scores = new float[tokens.size()];
        for (int i = 0; i < types.length; i++) {
            types[i] = i == 0 ? 2 : i < 3 ? 3 : i < words ? 6 : 1;
            scores[i] = i < words ? 0 : score(i - words);
        }
        types[tokens.size() - 1] = 4;
        Map<String, Object> all = vocabulary("llama", tokens, types);
        all.put("tokenizer.ggml.scores", scores);
        all.put("tokenizer.ggml.bos_token_id", 1);
        all.put("tokenizer.ggml.eos_token_id", 2);
        all.put("tokenizer.ggml.unknown_token_id", 0);
        all.put("tokenizer.ggml.add_space_prefix", prefixed);
        return writer(all);
    }

    /** Characters come first among the tokens that were trained, and have the scores of the least frequent. */
    private static float score(int index) {
        int characters = PIECES.tokens().size() - MERGES;
        return index < characters ? -1e6f : Math.ceilDiv(characters - index, 3);
    }

    /** The tokens of {@link #sentencePiece}. */
    static List<String> pieces() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int b = 0; b < BYTES; b++) {
            tokens.add(String.format(Locale.ROOT, "<0x%02X>", b));
        }
        tokens.addAll(PIECES.tokens());
        tokens.add("<tool>");
        return tokens;
    }

    /** The scores of {@link #pieces} by token, those of the trained ones. */
    static Map<String, Float> scores() {
        Map<String, Float> scores = new HashMap<>();
        for (int i = 0; i < PIECES.tokens().size(); i++) {
            scores.put(PIECES.tokens().get(i), score(i));
        }
        return scores;
    }

    /** The tokens of BERT's WordPiece: {@code ##} marks those that don't begin a word. */
    static List<String> words() {
        Set<String> tokens = new LinkedHashSet<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        for (String piece : PIECES.tokens()) {
            String plain = piece.replace(SPACE, "").toLowerCase(Locale.ROOT);
            if (!plain.isEmpty() && plain.chars().noneMatch(Character::isWhitespace) && !plain.contains("#")) {
                tokens.add(plain);
                tokens.add("##" + plain);
            }
        }
        return List.copyOf(tokens);
    }

    static GgufWriter wordPiece() {
        List<String> tokens = words().stream()
                .map(t -> t.startsWith("[") && t.length() > 3 ? t : t.startsWith("##") ? t.substring(2) : SPACE + t)
                .collect(Collectors.toList());
        int[] types = new int[tokens.size()];
        Arrays.fill(types, 1);
        Arrays.fill(types, 0, 5, 3);
        Map<String, Object> all = vocabulary("bert", tokens, types);
        all.put("tokenizer.ggml.token_type_count", 2);
        all.put("tokenizer.ggml.padding_token_id", 0);
        all.put("tokenizer.ggml.unknown_token_id", 1);
        all.put("tokenizer.ggml.bos_token_id", 2);
        all.put("tokenizer.ggml.cls_token_id", 2);
        all.put("tokenizer.ggml.seperator_token_id", 3);
        all.put("tokenizer.ggml.mask_token_id", 4);
        return writer(all);
    }
}
