package dev.tenon.samples.serve;

import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The binary form of tensors in the protocol: elements in row-major order, little-endian, without gaps. An element of
 * {@link DataType#BYTES} is its length in bytes as an unsigned number of 32 bits, and the bytes.
 */
public final class RawTensors {
    private RawTensors() {}

    /**
     * The number of elements of a shape.
     *
     * @param input the name of the input in messages
     * @param dims the sizes of its dimensions, each at least 0
     * @return the product of the sizes
     * @throws RequestException if there are 2<sup>31</sup> or more
     */
    public static long elements(String input, long[] dims) {
        long elements = 1;
        for (long d : dims) {
            if (d < 0) {
                throw RequestException.bad("input '" + input + "': shape " + Arrays.toString(dims)
                        + " has a negative size; allowed are whole numbers from 0 on");
            }
            if (d != 0 && elements > Integer.MAX_VALUE / d) {
                throw new RequestException(
                        Failure.TOO_LARGE, "input '" + input + "': shape " + Arrays.toString(dims) + " is too large");
            }
            elements *= d;
        }
        return elements;
    }

    /**
     * Reads a tensor.
     *
     * @param input the name of the input in messages
     * @param type the type of its elements
     * @param dims the sizes of its dimensions
     * @param bytes all bytes of the tensor, copied from the position to the limit
     * @return the tensor
     * @throws RequestException if the bytes are not those of such a tensor
     */
    public static Tensor read(String input, DataType type, long[] dims, ByteBuffer bytes) {
        long elements = elements(input, dims);
        if (type == DataType.BYTES) {
            return strings(input, dims, elements, bytes.slice());
        }
        if (bytes.remaining() != elements * type.bytes()) {
            throw RequestException.bad("input '" + input + "': the binary data has " + bytes.remaining()
                    + " bytes; shape " + Arrays.toString(dims) + " of " + type + " needs " + elements * type.bytes());
        }
        byte[] own = new byte[bytes.remaining()];
        bytes.slice().get(own);
        return Tensor.of(type.dtype(), MemorySegment.ofArray(own), dims);
    }

    private static Tensor strings(String input, long[] dims, long elements, ByteBuffer bytes) {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> all = new ArrayList<>();
        while (bytes.remaining() >= Integer.BYTES) {
            int length = bytes.getInt();
            if (length < 0 || length > bytes.remaining()) {
                throw RequestException.bad("input '" + input + "': element " + all.size() + " has a length of "
                        + Integer.toUnsignedString(length) + " bytes; " + bytes.remaining() + " are left");
            }
            byte[] element = new byte[length];
            bytes.get(element);
            all.add(element);
        }
        if (bytes.hasRemaining() || all.size() != elements) {
            throw RequestException.bad("input '" + input + "': the binary data has " + all.size() + " elements and "
                    + bytes.remaining() + " more bytes; shape " + Arrays.toString(dims) + " needs " + elements);
        }
        return Tensor.ofUtf8(all.toArray(byte[][]::new), dims);
    }

    /**
     * Writes a tensor.
     *
     * @param tensor a tensor of a type that the protocol has
     * @return its bytes
     */
    public static byte[] write(Tensor tensor) {
        if (tensor.dtype() != DataType.BYTES.dtype()) {
            byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
            tensor.copyTo(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()));
            return bytes;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (long i = 0; i < tensor.size(); i++) {
            byte[] element = tensor.getUtf8(i);
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(element.length)
                    .array());
            out.writeBytes(element);
        }
        return out.toByteArray();
    }
}
