package dev.tenon.compression.data;

import dev.tenon.ValueInfo;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.TensorType;
import dev.tenon.text.Batch;
import dev.tenon.text.Encoding;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A file with a text in each line. */
record TextFile(Path file, Tokenizer tokenizer) {
    private static final String IDS = "input_ids";

    Samples.Calls bind(List<ValueInfo> inputs) {
        List<String> names = inputs.stream().map(ValueInfo::name).toList();
        if (!names.contains(IDS)) {
            throw new CompressionException(
                    "samples of texts",
                    "a model with the inputs " + String.join(", ", names),
                    IDS + ", and attention_mask and token_type_ids",
                    "save arrays of the inputs with NumPy");
        }
        OptionalLong tokens = tokens(inputs.get(names.indexOf(IDS)));
        Tokenizer padded = tokenizer.with(tokenizer
                .options()
                .padding(tokens.isPresent() ? Padding.fixed((int) tokens.getAsLong()) : Padding.none()));
        RawSamples.Streamed calls = RawSamples.Streamed.counted(action -> read(padded, inputs, tokens, action));
        if (calls.samples() == 0) {
            throw new CompressionException(file.toString(), "no line", "a text in each line", null);
        }
        return calls;
    }

    /** The number of tokens that an input must have, if it is fixed. */
    private static OptionalLong tokens(ValueInfo input) {
        if (input.type() instanceof TensorType t
                && t.shape().hasRank()
                && t.shape().rank() == 2) {
            Dim tokens = t.shape().dim(1);
            return tokens.isKnown() && tokens.value() <= Padding.MAX_FIXED
                    ? OptionalLong.of(tokens.value())
                    : OptionalLong.empty();
        }
        return OptionalLong.empty();
    }

    private void read(Tokenizer padded, List<ValueInfo> inputs, OptionalLong tokens, Consumer<Samples.Call> action) {
        List<String> names = inputs.stream().map(ValueInfo::name).toList();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            long line = 0;
            for (String text = lines.readLine(); text != null; text = lines.readLine()) {
                line++;
                String thing = file + ", line " + line;
                Encoding encoding = padded.encode(text);
                if (tokens.isPresent() && encoding.length() > tokens.getAsLong()) {
                    throw new CompressionException(
                            thing,
                            encoding.length() + " tokens",
                            "at most " + tokens.getAsLong() + ", which input '" + IDS + "' takes",
                            "cut the text, or give the tokenizer a maximum length by TokenizerOptions.maxLength");
                }
                Batch batch = Batch.padded(List.of(encoding), padded.paddingId());
                action.accept(new Samples.Call(batch.tensors(names), 1).checked(thing, inputs));
            }
        } catch (CharacterCodingException e) {
            throw new CompressionException(file.toString(), "bytes that are not UTF-8", "UTF-8", null, e);
        } catch (IOException e) {
            throw new CompressionException(file.toString(), e.toString(), "a file that can be read", null, e);
        }
    }
}
