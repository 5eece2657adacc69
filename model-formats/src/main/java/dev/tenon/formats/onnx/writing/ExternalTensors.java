package dev.tenon.formats.onnx.writing;

import dev.tenon.formats.SegmentInputStream;
import dev.tenon.formats.onnx.data.OnnxTensors;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a model that are written to a file beside it, with their places in that file.
 *
 * <p>Tensors begin at multiples of 4,096 bytes, and those of 64 KiB and more at multiples of 65,536. So every system
 * can map each of them alone: these are the sizes of a page on Linux and of an allocation on Windows.
 */
public final class ExternalTensors {
    private static final int PAGE = 1 << 12;
    private static final int ALLOCATION = 1 << 16;

    private final String location;
    private final long minBytes;
    private final Map<Tensor, Long> offsets = new IdentityHashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();
    private long end;

    private ExternalTensors(String location, long minBytes) {
        this.location = location;
        this.minBytes = minBytes;
    }

    /**
     * Keeps all tensors in the model file.
     *
     * @return an object without tensors
     */
    public static ExternalTensors none() {
        return new ExternalTensors("", Long.MAX_VALUE);
    }

    /**
     * Puts large tensors into another file.
     *
     * @param location the path of that file, relative to the folder of the model
     * @param minBytes the least size of a tensor that goes there
     * @return an object without tensors
     */
    public static ExternalTensors at(String location, long minBytes) {
        return new ExternalTensors(location, minBytes);
    }

    /** {@return whether all tensors are in the model file} */
    public boolean isEmpty() {
        return tensors.isEmpty();
    }

    /** The message of a tensor: with its elements if it is small, with their place in the other file if it is large. */
    TensorProto toProto(String name, Tensor tensor) {
        if (tensor.dtype() == DType.STRING || tensor.byteSize() < minBytes) {
            return OnnxTensors.toProto(name, tensor);
        }
        long offset = offsets.computeIfAbsent(tensor, this::place);
        List<StringEntry> entries = List.of(
                new StringEntry("location", location),
                new StringEntry("offset", Long.toString(offset)),
                new StringEntry("length", Long.toString(tensor.byteSize())));
        return OnnxTensors.toExternalProto(name, tensor, entries);
    }

    private long place(Tensor tensor) {
        int alignment = tensor.byteSize() < ALLOCATION ? PAGE : ALLOCATION;
        long offset = Math.ceilDiv(end, alignment) * alignment;
        tensors.add(tensor);
        end = offset + tensor.byteSize();
        return offset;
    }

    /**
     * Writes the tensors.
     *
     * @param channel the other file, empty
     */
    void writeTo(FileChannel channel) throws IOException {
        for (Tensor tensor : tensors) {
            channel.position(offsets.get(tensor));
            SegmentInputStream.write("a tensor of the model that is written", tensor.segment(), channel);
        }
    }
}
