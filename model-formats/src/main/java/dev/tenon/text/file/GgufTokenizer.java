package dev.tenon.text.file;

import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.gguf.GgufArray;
import dev.tenon.formats.json.Members;
import dev.tenon.text.decode.Decoders;
import dev.tenon.text.model.AddedTokens;
import dev.tenon.text.model.BytePairs;
import dev.tenon.text.model.Merges;
import dev.tenon.text.model.WordPiece;
import dev.tenon.text.normalize.BertNormalizer;
import dev.tenon.text.normalize.Normalizers;
import dev.tenon.text.post.PaddingRule;
import dev.tenon.text.post.PostProcessing;
import dev.tenon.text.post.Template;
import dev.tenon.text.split.Splits;
import dev.tenon.text.stage.Decoder;
import dev.tenon.text.stage.PreTokenizer;
import dev.tenon.text.stage.TextNormalizer;
import dev.tenon.text.stage.TokenModel;
import dev.tenon.text.stage.Vocabulary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the tokenizer among the metadata of a GGUF file: byte pairs, SentencePiece's byte pairs by score, or WordPiece. */
final class GgufTokenizer {
    private static final String KEY = "tokenizer.ggml.";
    private static final String MODEL = KEY + "model";
    private static final String TOKENS = KEY + "tokens";
    private static final String TYPES = KEY + "token_type";
    private static final String SCORES = KEY + "scores";
    private static final String MERGES = KEY + "merges";
    private static final String PRE = KEY + "pre";
    private static final String SPACE = "\u2581";
    private static final String CONTINUING = "##";

    /** The longest word of BERT's own tokenizer. Longer ones are unknown. */
    private static final int MOST_WORD = 100;

    /** Types of tokens. */
    private static final int UNKNOWN = 2;

    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    private final Members metadata;
    private final List<String> tokens;
    private final int[] types;

    private GgufTokenizer(Members metadata) {
        this.metadata = metadata;
        this.tokens = texts(TOKENS);
        this.types = metadata.has(TYPES) ? integers() : new int[tokens.size()];
    }

    /**
     * Reads a tokenizer.
     *
     * @param metadata the metadata of a file
     * @param limits the limits that hold
     * @return its stages and settings
     */
    static TokenizerFile read(Members metadata, Limits limits) {
        return switch (metadata.get(MODEL, String.class)) {
            case "gpt2" -> new GgufTokenizer(metadata).bytePairs();
            case "llama" -> new GgufTokenizer(metadata).sentencePiece(limits);
            case "bert" -> new GgufTokenizer(metadata).wordPiece();
            default -> throw metadata.unsupported(MODEL, "gpt2, llama, bert");
        };
    }

    private List<String> texts(String key) {
        GgufArray array = metadata.get(key, GgufArray.class);
        if (!array.isTexts()) {
            throw metadata.wrong(key, "an array of texts");
        }
        return array.texts();
    }

    private int[] integers() {
        GgufArray array = metadata.get(TYPES, GgufArray.class);
        if (!array.isIntegers() || array.size() < tokens.size()) {
            throw metadata.wrong(TYPES, "a whole number for each of " + tokens.size() + " tokens");
        }
        return array.integers();
    }

    private float[] scores() {
        GgufArray array = metadata.get(SCORES, GgufArray.class);
        if (!array.isFloats() || array.size() < tokens.size()) {
            throw metadata.wrong(SCORES, "a float for each of " + tokens.size() + " tokens");
        }
        float[] scores = array.floats();
        for (float score : scores) {
            if (Float.isNaN(score)) {
                throw new MalformedModelException(
                        metadata.document() + ", '" + SCORES + "'", "NaN", "numbers", "convert the model again");
            }
        }
        return scores;
    }

    private boolean isSpecial(int id) {
        return types[id] == CONTROL || types[id] == UNKNOWN;
    }

    private Vocabulary vocabulary(List<String> texts) {
        Map<String, Integer> ids = HashMap.newHashMap(texts.size());
        for (int id = 0; id < texts.size(); id++) {
            Integer other = texts.get(id).isEmpty() ? null : ids.put(texts.get(id), id);
            if (other != null) {
                throw new MalformedModelException(
                        metadata.document() + ", '" + TOKENS + "'",
                        "the token '" + texts.get(id) + "' as " + other + " and " + id,
                        "each token once",
                        "convert the model again");
            }
        }
        return new Vocabulary(ids);
    }

    /** The id that a key names, or {@link TokenModel#NONE}. */
    private int id(String name) {
        return (int) metadata.integer(KEY + name + "_token_id", 0, tokens.size() - 1L, TokenModel.NONE);
    }

    private int required(String name, int found) {
        if (found == TokenModel.NONE) {
            throw metadata.wrong(KEY + name + "_token_id", "the id of a token");
        }
        return found;
    }

    private TokenizerFile bytePairs() {
        GgufPreTokenizer pre = GgufPreTokenizer.of(metadata, PRE);
        Vocabulary vocabulary = vocabulary(tokens);
        List<String> lines = texts(MERGES);
        Merges merges = new Merges(lines.size());
        for (int rank = 0; rank < lines.size(); rank++) {
            String line = lines.get(rank);
            int space = line.indexOf(' ', 1);
            if (space < 0 || !merges.put(vocabulary, line.substring(0, space), line.substring(space + 1), 0, rank)) {
                throw new MalformedModelException(
                        metadata.document() + ", '" + MERGES + "', " + rank,
                        "'" + line + "'",
                        "two tokens with a space between them, which make a token",
                        "convert the model again");
            }
        }
        BytePairs.Settings settings =
                new BytePairs.Settings(TokenModel.NONE, false, false, pre.ignoresMerges(), "", "");
        return file(
                Normalizers.none(),
                new BytePairs(vocabulary, merges, settings),
                pre.splits(),
                processing(pre.addsStart()),
                Decoders.byteLevel());
    }

    private TokenizerFile sentencePiece(Limits limits) {
        boolean prefixed = metadata.flag(KEY + "add_space_prefix", true);
        Vocabulary vocabulary = vocabulary(tokens);
        TextNormalizer spaces = Normalizers.replace(Splits.literal(" "), SPACE);
        TextNormalizer normalizer =
                prefixed ? Normalizers.sequence(List.of(Normalizers.prepend(SPACE), spaces)) : spaces;
        List<Decoder> decoders = new ArrayList<>(
                List.of(Decoders.replace(Splits.literal(SPACE), " "), Decoders.byteFallback(), Decoders.fuse()));
        if (prefixed) {
            decoders.add(Decoders.strip(' ', 1, 0));
        }
        BytePairs.Settings settings = new BytePairs.Settings(id("unknown"), true, true, false, "", "");
        Merges merges = ScoredMerges.of(metadata.document(), tokens, vocabulary, scores(), limits);
        return file(
                normalizer,
                new BytePairs(vocabulary, merges, settings),
                Splits.none(),
                processing(true),
                Decoders.sequence(decoders));
    }

    /** GGUF marks tokens that begin a word, BERT those that don't. */
    private TokenizerFile wordPiece() {
        List<String> texts = new ArrayList<>(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            boolean begins = token.startsWith(SPACE);
            texts.add(isSpecial(id) || token.isEmpty() ? token : begins ? token.substring(1) : CONTINUING + token);
        }
        Vocabulary vocabulary = vocabulary(texts);
        int start = id("cls") == TokenModel.NONE ? id("bos") : id("cls");
        int cls = required("cls", start == TokenModel.NONE ? vocabulary.id("[CLS]") : start);
        // The key is misspelt in the format.
        int sep = required("seperator", id("seperator") == TokenModel.NONE ? vocabulary.id("[SEP]") : id("seperator"));
        int unknown = required("unknown", id("unknown") == TokenModel.NONE ? vocabulary.id("[UNK]") : id("unknown"));
        boolean lower = metadata.flag(KEY + "normalizer.lowercase", true);
        boolean strip = metadata.flag(KEY + "normalizer.strip_accents", lower);
        return file(
                new BertNormalizer(true, true, strip, lower),
                new WordPiece(vocabulary, CONTINUING, unknown, MOST_WORD),
                Splits.bert(),
                PostProcessing.bert(cls, sep),
                Decoders.wordPiece(CONTINUING, true));
    }

    private PostProcessing processing(boolean startByDefault) {
        List<Template.Part> before = special("bos", startByDefault);
        List<Template.Part> after = special("eos", false);
        List<Template.Part> single = new ArrayList<>(before);
        single.add(new Template.Text(false, 0));
        single.addAll(after);
        List<Template.Part> pair = new ArrayList<>(single);
        pair.addAll(before);
        pair.add(new Template.Text(true, 1));
        pair.addAll(after);
        return new PostProcessing(new Template(single), new Template(pair), List.of());
    }

    private List<Template.Part> special(String name, boolean byDefault) {
        if (!metadata.flag(KEY + "add_" + name + "_token", byDefault)) {
            return List.of();
        }
        return List.of(new Template.Special(List.of(required(name, id(name))), 0));
    }

    private TokenizerFile file(
            TextNormalizer normalizer,
            TokenModel model,
            PreTokenizer preTokenizer,
            PostProcessing processing,
            Decoder decoder) {
        int padding = Math.max(id("padding"), 0);
        return new TokenizerFile(
                normalizer,
                preTokenizer,
                model,
                added(),
                processing,
                decoder,
                Optional.empty(),
                new PaddingRule(PaddingRule.Kind.NONE, 0, false, 0, padding, 0));
    }

    /** Tokens that are found in the text before all else. */
    private AddedVocabulary added() {
        List<AddedTokens.Token> raw = new ArrayList<>();
        Map<Integer, String> contents = new HashMap<>();
        Map<String, Integer> ids = new HashMap<>();
        Set<Integer> special = new HashSet<>();
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            if (token.isEmpty() || !isSpecial(id) && types[id] != USER_DEFINED) {
                continue;
            }
            if (token.codePointCount(0, token.length()) > AddedTokens.MAX_LENGTH) {
                throw metadata.unsupported(
                        TOKENS, "special tokens of at most " + AddedTokens.MAX_LENGTH + " characters");
            }
            raw.add(new AddedTokens.Token(token, id, false, false, false));
            contents.put(id, token);
            ids.put(token, id);
            if (isSpecial(id)) {
                special.add(id);
            }
        }
        return new AddedVocabulary(new AddedTokens(raw), new AddedTokens(List.of()), contents, ids, special);
    }
}
