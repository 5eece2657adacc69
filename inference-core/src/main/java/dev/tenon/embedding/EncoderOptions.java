package dev.tenon.embedding;

import dev.tenon.LoadOptions;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOptionException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Options for loading an encoder from a folder, and for running it. What is not set is as the files of the folder say.
 * Immutable and safe for any number of threads; each setter returns new options.
 *
 * <pre>{@code
 * TextEmbedder embedder = TextEmbedder.load(folder, EncoderOptions.standard().model("onnx/model_quantized.onnx"));
 * }</pre>
 */
public final class EncoderOptions {
    private static final EncoderOptions STANDARD =
            new EncoderOptions(null, null, LoadOptions.standard(), SessionOptions.standard());

    /** Null to look for the model. */
    private final String model;

    /** Null for that of the folder. */
    private final Integer maxLength;

    private final LoadOptions loading;
    private final SessionOptions session;

    private EncoderOptions(String model, Integer maxLength, LoadOptions loading, SessionOptions session) {
        this.model = model;
        this.maxLength = maxLength;
        this.loading = loading;
        this.session = session;
    }

    /**
     * The standard options: the model is {@code onnx/model.onnx} or {@code model.onnx}, the options of loading
     * and of the session are the standard ones.
     *
     * @return the options
     */
    public static EncoderOptions standard() {
        return STANDARD;
    }

    /**
     * Names the file of the model.
     *
     * @param file its path in the folder, such as {@code onnx/model_quantized.onnx}
     * @return new options
     * @throws InvalidOptionException if it is no path
     */
    public EncoderOptions model(String file) {
        try {
            return new EncoderOptions(Path.of(file).toString(), maxLength, loading, session);
        } catch (InvalidPathException e) {
            throw new InvalidOptionException("EncoderOptions.model", e.getMessage(), "a path in the folder", null);
        }
    }

    /**
     * Sets the maximum length of a row. What is beyond it is cut off.
     *
     * @param tokens the most tokens of a row, special tokens included; not more than the model was made for
     * @return new options
     * @throws InvalidOptionException if the number is less than 1
     */
    public EncoderOptions maxLength(int tokens) {
        if (tokens < 1) {
            throw new InvalidOptionException("EncoderOptions.maxLength", String.valueOf(tokens), "1 or more", null);
        }
        return new EncoderOptions(model, tokens, loading, session);
    }

    /**
     * Sets how the model is loaded. The limits hold for the other files of the folder, too.
     *
     * @param options the options
     * @return new options
     */
    public EncoderOptions loading(LoadOptions options) {
        return new EncoderOptions(model, maxLength, Objects.requireNonNull(options, "options"), session);
    }

    /**
     * Sets how the model runs. A limit of time or memory holds for each run of rows; a call has several if it has many texts.
     *
     * @param options the options
     * @return new options
     */
    public EncoderOptions session(SessionOptions options) {
        return new EncoderOptions(model, maxLength, loading, Objects.requireNonNull(options, "options"));
    }

    /** {@return the path of the model in the folder; empty to look for it} */
    public Optional<String> model() {
        return Optional.ofNullable(model);
    }

    /** {@return the most tokens of a row; empty for that of the folder} */
    public OptionalInt maxLength() {
        return maxLength == null ? OptionalInt.empty() : OptionalInt.of(maxLength);
    }

    /** {@return how the model is loaded} */
    public LoadOptions loading() {
        return loading;
    }

    /** {@return how the model runs} */
    public SessionOptions session() {
        return session;
    }
}
