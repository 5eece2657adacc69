package dev.tenon.embedding;

import dev.tenon.LoadOptions;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.options.Settings;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Options for loading an encoder from a folder, and for running it. What is not set is as the files of the folder say.
 * Immutable and safe for any number of threads; each setter returns new options.
 *
 * <pre>{@code
 * TextEmbedder embedder = TextEmbedder.load(folder, EncoderOptions.standard().model("onnx/model_quantized.onnx"));
 * }</pre>
 */
public final class EncoderOptions {
    private static final EncoderOptions STANDARD = new EncoderOptions(new Values());

    private static final class Values extends Settings<Values> {
        /** Null to look for the model. */
        private String model;

        /** Null for that of the folder. */
        private Integer maxLength;

        private LoadOptions loading = LoadOptions.standard();
        private SessionOptions session = SessionOptions.standard();
    }

    private final Values settings;

    private EncoderOptions(Values settings) {
        this.settings = settings;
    }

    private EncoderOptions with(Consumer<Values> change) {
        return new EncoderOptions(settings.with(change));
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
            String path = Path.of(file).toString();
            return with(s -> s.model = path);
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
        return with(s -> s.maxLength = tokens);
    }

    /**
     * Sets how the model is loaded. The limits hold for the other files of the folder, too.
     *
     * @param options the options
     * @return new options
     */
    public EncoderOptions loading(LoadOptions options) {
        Objects.requireNonNull(options, "options");
        return with(s -> s.loading = options);
    }

    /**
     * Sets how the model runs. A limit of time or memory holds for each run of rows; a call has several if it has many texts.
     *
     * @param options the options
     * @return new options
     */
    public EncoderOptions session(SessionOptions options) {
        Objects.requireNonNull(options, "options");
        return with(s -> s.session = options);
    }

    /** {@return the path of the model in the folder; empty to look for it} */
    public Optional<String> model() {
        return Optional.ofNullable(settings.model);
    }

    /** {@return the most tokens of a row; empty for that of the folder} */
    public OptionalInt maxLength() {
        return settings.maxLength == null ? OptionalInt.empty() : OptionalInt.of(settings.maxLength);
    }

    /** {@return how the model is loaded} */
    public LoadOptions loading() {
        return settings.loading;
    }

    /** {@return how the model runs} */
    public SessionOptions session() {
        return settings.session;
    }
}
