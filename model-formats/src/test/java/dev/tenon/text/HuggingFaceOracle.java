package dev.tenon.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The reference implementation: Hugging Face's {@code tokenizers}, written in Rust. It is called directly, because the
 * public Java wrapper would replace the settings of the file.
 */
final class HuggingFaceOracle implements AutoCloseable {
    private static final TokenizersLibrary LIBRARY = library();

    private final long handle;

    private HuggingFaceOracle(long handle) {
        this.handle = handle;
    }

    /**
     * The tokens of a text as the reference gives them.
     *
     * @param ids token ids
     * @param mask the attention mask
     * @param typeIds type ids
     * @param spans for each token its range in code points; null for a token without a range
     * @param overflowing the other windows
     */
    record Row(long[] ids, long[] mask, long[] typeIds, CharSpan[] spans, List<Row> overflowing) {
        int length() {
            return ids.length;
        }
    }

    static HuggingFaceOracle of(Path file) {
        try {
            return of(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static HuggingFaceOracle of(String json) {
        return new HuggingFaceOracle(LIBRARY.createTokenizerFromString(json));
    }

    /** Sets truncation to a length, and padding to the longest row of a batch. */
    HuggingFaceOracle longestAtMost(int maxLength) {
        LIBRARY.setTruncation(handle, maxLength, "LONGEST_FIRST", 0);
        LIBRARY.setPadding(handle, maxLength, "LONGEST", 0);
        return this;
    }

    Row encode(String text) {
        return take(LIBRARY.encode(handle, text, true));
    }

    Row encodePlain(String text) {
        return take(LIBRARY.encode(handle, text, false));
    }

    Row encode(String first, String second) {
        return take(LIBRARY.encodeDual(handle, first, second, true));
    }

    List<Row> encodeBatch(List<String> texts) {
        List<Row> rows = new ArrayList<>();
        for (long encoding : LIBRARY.batchEncode(handle, texts.toArray(String[]::new), true)) {
            rows.add(take(encoding));
        }
        return rows;
    }

    String decode(int[] ids, boolean withSpecialTokens) {
        return LIBRARY.decode(handle, Arrays.stream(ids).asLongStream().toArray(), !withSpecialTokens);
    }

    @Override
    public void close() {
        LIBRARY.deleteTokenizer(handle);
    }

    private static Row take(long encoding) {
        List<Row> overflowing = new ArrayList<>();
        for (long other : LIBRARY.getOverflowing(encoding)) {
            overflowing.add(take(other));
        }
        Row taken = new Row(
                LIBRARY.getTokenIds(encoding),
                LIBRARY.getAttentionMask(encoding),
                LIBRARY.getTypeIds(encoding),
                LIBRARY.getTokenCharSpans(encoding),
                overflowing);
        LIBRARY.deleteEncoding(encoding);
        return taken;
    }

    // The class of the wrapper loads the native library from its jar. In offline mode it does not search elsewhere.
    private static TokenizersLibrary library() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty(
                "ENGINE_CACHE_DIR",
                TokenizerModels.folder()
                        .toAbsolutePath()
                        .resolveSibling("native-tokenizers")
                        .toString());
        byte[] json = TokenizerJson.small().text().getBytes(StandardCharsets.UTF_8);
        try {
            HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), Map.of())
                    .close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return TokenizersLibrary.LIB;
    }
}
