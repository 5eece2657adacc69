package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A SHA-256 of models, samples and texts. Equal things in the same order have the same fingerprint, in every process. Confined
 * to one thread.
 */
public final class Fingerprint {
    private static final int CHUNK = 1 << 20;

    private final MessageDigest digest;

    /** A fingerprint of nothing. */
    public Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /**
     * Adds a number.
     *
     * @param number the number
     * @return this
     */
    public Fingerprint add(long number) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
        return this;
    }

    /**
     * Adds a text.
     *
     * @param text the text
     * @return this
     */
    public Fingerprint add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    private Fingerprint add(byte[] bytes) {
        add(bytes.length);
        digest.update(bytes);
        return this;
    }

    /**
     * Adds a model: the bytes of its ONNX file.
     *
     * @param model the model
     * @return this
     */
    public Fingerprint add(Model model) {
        model.save(of(OutputStream.nullOutputStream()), SaveOptions.standard());
        return this;
    }

    /** A stream that adds all that goes through it. */
    OutputStream of(OutputStream out) {
        return new DigestOutputStream(out, digest);
    }

    /**
     * The SHA-256 of a file, as {@code sha256sum} has it.
     *
     * @param file the file
     * @return 64 hexadecimal digits
     * @throws IOException if it can't be read
     */
    static String ofFile(Path file) throws IOException {
        Fingerprint all = new Fingerprint();
        try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(all.of(OutputStream.nullOutputStream()));
        }
        return all.hex();
    }

    /**
     * Adds a tensor: its type, shape and elements.
     *
     * @param tensor the tensor
     * @return this
     */
    public Fingerprint add(Tensor tensor) {
        add(tensor.type().toString());
        if (tensor.dtype() == DType.STRING) {
            for (long i = 0; i < tensor.size(); i++) {
                add(tensor.getUtf8(i));
            }
            return this;
        }
        MemorySegment bytes = tensor.segment();
        for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
            digest.update(
                    bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at)).toArray(ValueLayout.JAVA_BYTE));
        }
        return this;
    }

    /**
     * Adds samples, which are read once.
     *
     * @param samples the samples
     * @return this
     */
    public Fingerprint add(Samples.Calls samples) {
        samples.forEach(call -> {
            add(call.samples());
            for (Map.Entry<String, Tensor> input : new TreeMap<>(call.inputs()).entrySet()) {
                add(input.getKey());
                add(input.getValue());
            }
        });
        return this;
    }

    /**
     * Adds an evaluation: samples, the name of the metric, labels, and the output. The code of a metric that is a function can't
     * be added.
     *
     * @param evaluation the evaluation
     * @return this
     */
    public Fingerprint add(Evaluation evaluation) {
        add(evaluation.metric().name());
        add(evaluation.output());
        evaluation.metric().labels().ifPresent(this::add);
        return add(evaluation.samples());
    }

    /**
     * Counts the samples that two sets share. A sample is a row of all inputs of a call, or the whole call where an input has no
     * row for each sample. Both sets are read once.
     *
     * @param of a set, of which a hash for each sample is kept
     * @param in another one
     * @return how many samples of the first set are in the other one
     */
    public static long shared(Samples.Calls of, Samples.Calls in) {
        Map<String, Long> counts = new HashMap<>();
        forEachSample(of, hash -> counts.merge(hash, 1L, Long::sum));
        long[] shared = {0};
        forEachSample(in, hash -> {
            Long count = counts.remove(hash);
            shared[0] += count == null ? 0 : count;
        });
        return shared[0];
    }

    private static void forEachSample(Samples.Calls calls, Consumer<String> action) {
        calls.forEach(call -> {
            Map<String, Tensor> inputs = new TreeMap<>(call.inputs());
            long samples = call.samples();
            boolean areRows = inputs.values().stream().allMatch(t -> t.rank() > 0 && t.dim(0) == samples);
            for (long i = 0; i < (areRows ? samples : 1); i++) {
                Fingerprint sample = new Fingerprint();
                for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                    Tensor t = input.getValue();
                    sample.add(input.getKey()).add(areRows ? t.slice(i, i + 1) : t);
                }
                action.accept(sample.hex());
            }
        });
    }

    /**
     * The fingerprint of all that was added. Nothing can be added after it.
     *
     * @return 64 hexadecimal digits
     */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
