package dev.tenon.samples.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

    Encoding encode(String text) {
        return take(LIBRARY.encode(handle, text, true));
    }

    Encoding encode(String first, String second) {
        return take(LIBRARY.encodeDual(handle, first, second, true));
    }

    List<Encoding> encodeBatch(List<String> texts) {
        List<Encoding> rows = new ArrayList<>();
        for (long encoding : LIBRARY.batchEncode(handle, texts.toArray(String[]::new), true)) {
            rows.add(take(encoding));
        }
        return rows;
    }

    @Override
    public void close() {
        LIBRARY.deleteTokenizer(handle);
    }

    private static Encoding take(long encoding) {
        Encoding taken = new Encoding(
                LIBRARY.getTokenIds(encoding), LIBRARY.getAttentionMask(encoding), LIBRARY.getTypeIds(encoding));
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
        try {
            HuggingFaceTokenizer.newInstance(TokenizerModels.miniLm()).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return TokenizersLibrary.LIB;
    }
}
