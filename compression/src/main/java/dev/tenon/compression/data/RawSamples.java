package dev.tenon.compression.data;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.image.ImagePreprocessor;
import dev.tenon.table.TableInput;
import dev.tenon.table.TableRows;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Tokenizer;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Samples from raw data, which is read as a stream: never more than one call is in memory.
 *
 * <pre>{@code
 * Samples sentences = RawSamples.texts(Path.of("sentences.txt"), Tokenizer.load(Path.of("tokenizer.json")));
 * Samples pictures = RawSamples.images(Path.of("pictures"), imageNet);
 * Samples customers = RawSamples.rows(TableInput.of(model), () -> rowsOf(file));
 * Compressor.of(model).calibrate(RawSamples.shuffled(sentences, 7, 1 << 28));
 * }</pre>
 */
public final class RawSamples {
    private RawSamples() {}

    /** The calls of a stream that was read once, so that their number is known and each fits the model. */
    record Streamed(long samples, Consumer<Consumer<Samples.Call>> pass) implements Samples.Calls {
        @Override
        public void forEach(Consumer<Samples.Call> action) {
            pass.accept(action);
        }

        static Streamed counted(Consumer<Consumer<Samples.Call>> pass) {
            long[] samples = {0};
            pass.accept(call -> samples[0] += call.samples());
            return new Streamed(samples[0], pass);
        }
    }

    /**
     * A file of texts in UTF-8, a sample in each line. Each text is a call of its own, so that no padding is calibrated; where the model
     * has a fixed number of tokens, texts are padded to it.
     *
     * @param file the file; it is read when it is used, and all texts are encoded once before any work
     * @param tokenizer the tokenizer of the model. If it has a maximum length it cuts longer texts; otherwise a text that is longer
     *     than the model takes is an error
     * @return samples for models whose inputs are among {@code input_ids}, {@code attention_mask} and {@code token_type_ids}
     */
    public static Samples texts(Path file, Tokenizer tokenizer) {
        return inputs -> ModelBytes.guarded(file.toString(), () -> new TextFile(file, tokenizer).bind(inputs));
    }

    /**
     * Rows of token ids for a decoder with the inputs that Optimum exports: {@code input_ids}, and perhaps {@code attention_mask},
     * {@code position_ids} and {@code past_key_values.N.key} and {@code .value}. Each row is a call of its own without a past, and
     * all of its tokens count. {@link #nextTokens} gives the labels for a perplexity.
     *
     * @param ids the ids, integers of [samples, tokens]
     * @return the samples
     */
    public static Samples tokens(Tensor ids) {
        return inputs -> new TokenRows(ids).bind(inputs);
    }

    /**
     * The token after each token of a row, as labels for {@link dev.tenon.compression.Metric#perplexity}.
     *
     * @param ids the ids, integers of [samples, tokens]
     * @return int64 of [samples, tokens]; -1 for the last token of each row, after which nothing is known
     * @throws CompressionException if the ids have another type or shape
     */
    public static Tensor nextTokens(Tensor ids) {
        if (ids.rank() != 2 || !ids.dtype().isInteger()) {
            throw new CompressionException("token ids", ids.type().text(), "integers of [samples, tokens]", null);
        }
        long[] next = new long[(int) ids.size()];
        for (int i = 0; i < next.length; i++) {
            next[i] = (i + 1) % ids.dim(1) == 0 ? -1 : ids.getLong(i + 1L);
        }
        return Tensor.of(next, ids.dims());
    }

    /**
     * The images of a folder and of the folders in it, in the order of their paths. Each image is a call of its own. Files that
     * do not end in {@code .png}, {@code .jpg}, {@code .jpeg}, {@code .bmp} or {@code .gif} are left out.
     *
     * @param folder the folder; it is read when it is used. The first image is tried before any work
     * @param preprocessor makes tensors of images
     * @return samples for models of one input
     */
    public static Samples images(Path folder, ImagePreprocessor preprocessor) {
        return inputs ->
                ModelBytes.guarded(folder.toString(), () -> new ImageFolder(folder).bind(preprocessor, inputs));
    }

    /**
     * The classes of the images of a folder whose images are in a folder for each class, as {@link #images} has them: the index of
     * the folder by name.
     *
     * @param folder the folder
     * @return a vector of int64
     * @throws CompressionException if an image is in no folder of a class, or there is none
     */
    public static Tensor imageClasses(Path folder) {
        return new ImageFolder(folder).classes();
    }

    /**
     * The rows of a table, such as a CSV file. A call takes as many rows as the batch of the model says, else up to 64.
     *
     * @param table how columns become inputs
     * @param rows gives a new cursor before the first row; it is closed after use if it is {@link AutoCloseable}. All rows are read
     *     once before any work, so that a cell that does not fit is named
     * @return the samples
     */
    public static Samples rows(TableInput table, Supplier<? extends TableRows> rows) {
        return inputs -> ModelBytes.guarded("rows of a table", () -> new TableFile(table, rows).bind(inputs));
    }

    /**
     * Samples in a seeded order: as many calls as fit into a block of memory are read, given in a random order, and the next block
     * follows. So a stream that is sorted by class is mixed without being held in memory; what is far apart in it stays so. Each pass has the
     * same order. Metrics with labels refuse such samples, since labels have the order of the data.
     *
     * @param samples the samples
     * @param seed the seed of the order
     * @param blockBytes the bytes of the tensors of a block, at least 1; a block has at least one call
     * @return the same samples in another order
     * @throws InvalidOptionException if the size is less than 1
     */
    public static Samples shuffled(Samples samples, long seed, long blockBytes) {
        if (blockBytes < 1) {
            throw new InvalidOptionException("RawSamples.shuffled", blockBytes + " bytes", "1 or more", null);
        }
        return inputs -> new Shuffled(samples.bind(inputs), seed, blockBytes);
    }
}
