package dev.tenon.compression.train;

import dev.tenon.compression.CompressionException;
import dev.tenon.formats.AtomicFile;
import dev.tenon.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file with the state of a training: a line that tells its kind and whose it is, the state, and the SHA-256 of both. It is replaced
 * as a whole, so that it is complete at any time.
 *
 * @param file the file
 * @param owner the fingerprint of all that decides the result of the run
 */
record Checkpoint(Path file, String owner) {
    private static final String KIND = "tenon training 2";
    private static final String ANOTHER = "give another folder, or move the file away";
    private static final int MOST_EPOCHS = 1 << 20;
    private static final int BUFFER = 1 << 16;

    /** Writes the state. */
    void write(TrainingState state) {
        AtomicFile.write(file, channel -> {
            MessageDigest digest = sha256();
            OutputStream plain = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
            DataOutputStream out = new DataOutputStream(new DigestOutputStream(plain, digest));
            out.writeUTF(KIND);
            out.writeUTF(owner);
            out.writeInt(state.epoch);
            out.writeInt(state.batch);
            out.writeLong(state.step);
            out.writeLong(state.moves);
            out.writeInt(state.bestEpoch);
            for (double number : numbers(state)) {
                out.writeDouble(number);
            }
            out.writeInt(state.curve.size());
            for (double[] point : state.curve) {
                for (double number : point) {
                    out.writeDouble(number);
                }
            }
            for (TrainingState.Weight weight : state.weights) {
                for (Tensor tensor : weight.tensors()) {
                    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(tensor.byteSize()));
                    bytes.asFloatBuffer().put(tensor.toFloatArray());
                    out.write(bytes.array());
                }
            }
            plain.write(digest.digest());
            plain.flush();
        });
    }

    private static double[] numbers(TrainingState state) {
        return new double[] {state.rateScale, state.sum, state.best, state.agreementBefore, state.agreementBest};
    }

    /**
     * Reads the state into that of a run which has not begun. The file stays as it is.
     *
     * @param state the state before the first step, which has the sizes of all weights
     * @return whether there is a file
     * @throws CompressionException if it is damaged, or belongs to another run
     */
    boolean read(TrainingState state) {
        if (!Files.exists(file)) {
            return false;
        }
        try (InputStream plain = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
            MessageDigest digest = sha256();
            read(new DataInputStream(new DigestInputStream(plain, digest)), state);
            byte[] found = digest.digest();
            byte[] stored = plain.readNBytes(found.length);
            if (!MessageDigest.isEqual(found, stored) || plain.read() >= 0) {
                throw new CompressionException(
                        file.toString(),
                        "contents of the SHA-256 " + HexFormat.of().formatHex(found),
                        "those that were written: " + HexFormat.of().formatHex(stored),
                        ANOTHER);
            }
            return true;
        } catch (EOFException e) {
            throw new CompressionException(
                    file.toString(), "an end before that of the state", "a whole file", ANOTHER, e);
        } catch (IOException e) {
            throw new CompressionException(file.toString(), e.toString(), "a checkpoint of a training", ANOTHER, e);
        }
    }

    private void read(DataInputStream in, TrainingState state) throws IOException {
        check("kind", in.readUTF(), KIND);
        check("fingerprint", in.readUTF(), owner);
        state.epoch = in.readInt();
        state.batch = in.readInt();
        state.step = in.readLong();
        state.moves = in.readLong();
        state.bestEpoch = in.readInt();
        state.rateScale = in.readDouble();
        state.sum = in.readDouble();
        state.best = in.readDouble();
        state.agreementBefore = in.readDouble();
        state.agreementBest = in.readDouble();
        int points = in.readInt();
        if (points < 0 || points > MOST_EPOCHS) {
            throw new EOFException("a curve of " + points + " points");
        }
        for (int i = 0; i < points; i++) {
            state.curve.add(new double[] {in.readDouble(), in.readDouble(), in.readDouble()});
        }
        for (TrainingState.Weight weight : state.weights) {
            for (Tensor tensor : weight.tensors()) {
                byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
                in.readFully(bytes);
                float[] array = new float[bytes.length / Float.BYTES];
                ByteBuffer.wrap(bytes).asFloatBuffer().get(array);
                tensor.copyFrom(Tensor.wrap(array, tensor.dims()));
            }
        }
    }

    private void check(String what, String found, String expected) {
        if (!found.equals(expected)) {
            throw new CompressionException(file.toString(), what + " " + found, what + " " + expected, ANOTHER);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
