package dev.tenon.samples.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.tenon.samples.grpc.protocol.InferTensorContents;
import dev.tenon.samples.serve.DataType;
import dev.tenon.samples.serve.RawTensors;
import dev.tenon.samples.serve.RequestException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/** The form of tensors with a field for each type. */
final class TensorContents {
    private TensorContents() {}

    /** Whether the protocol has a type in raw form only. */
    static boolean isRawOnly(DataType type) {
        return type == DataType.FP16 || type == DataType.BF16;
    }

    /** The field for a type. */
    private static FieldDescriptor field(DataType type) {
        int number =
                switch (type) {
                    case BOOL -> InferTensorContents.BOOL_CONTENTS_FIELD_NUMBER;
                    case INT8, INT16, INT32 -> InferTensorContents.INT_CONTENTS_FIELD_NUMBER;
                    case INT64 -> InferTensorContents.INT64_CONTENTS_FIELD_NUMBER;
                    case UINT8, UINT16, UINT32 -> InferTensorContents.UINT_CONTENTS_FIELD_NUMBER;
                    case UINT64 -> InferTensorContents.UINT64_CONTENTS_FIELD_NUMBER;
                    case FP32 -> InferTensorContents.FP32_CONTENTS_FIELD_NUMBER;
                    case FP64 -> InferTensorContents.FP64_CONTENTS_FIELD_NUMBER;
                    case BYTES -> InferTensorContents.BYTES_CONTENTS_FIELD_NUMBER;
                    case FP16, BF16 -> throw new IllegalArgumentException(type + " has no field");
                };
        return InferTensorContents.getDescriptor().findFieldByNumber(number);
    }

    /** Reads an input. Throws if the contents are not those of such a tensor. */
    static Tensor read(String input, DataType type, long[] dims, InferTensorContents contents) {
        long elements = RawTensors.elements(input, dims);
        if (isRawOnly(type)) {
            throw RequestException.bad("input '" + input + "': datatype " + type + " needs raw_input_contents");
        }
        FieldDescriptor expected = field(type);
        for (FieldDescriptor found : contents.getAllFields().keySet()) {
            if (!found.equals(expected)) {
                throw RequestException.bad("input '" + input + "' has " + found.getName() + "; datatype " + type
                        + " takes " + expected.getName());
            }
        }
        int count = contents.getRepeatedFieldCount(expected);
        if (count != elements) {
            throw RequestException.bad("input '" + input + "': " + expected.getName() + " has " + count
                    + " elements; shape " + Arrays.toString(dims) + " needs " + elements);
        }
        if (type == DataType.BYTES) {
            byte[][] strings = contents.getBytesContentsList().stream()
                    .map(ByteString::toByteArray)
                    .toArray(byte[][]::new);
            return Tensor.ofUtf8(strings, dims);
        }
        Tensor tensor = Tensor.allocate(type.dtype(), dims);
        for (int i = 0; i < count; i++) {
            set(input, tensor, i, contents);
        }
        return tensor;
    }

    private static void set(String input, Tensor tensor, int i, InferTensorContents contents) {
        DType dtype = tensor.dtype();
        switch (dtype) {
            case BOOL -> tensor.setBoolean(i, contents.getBoolContents(i));
            case INT64 -> tensor.setLong(i, contents.getInt64Contents(i));
            case UINT64 -> tensor.setUnsigned(i, contents.getUint64Contents(i));
            case FLOAT32 -> tensor.setDouble(i, contents.getFp32Contents(i));
            case FLOAT64 -> tensor.setDouble(i, contents.getFp64Contents(i));
            case INT8, INT16, INT32 -> {
                int value = contents.getIntContents(i);
                checkRange(input, dtype, i, value, -1L << dtype.bits() - 1, (1L << dtype.bits() - 1) - 1);
                tensor.setLong(i, value);
            }
            case UINT8, UINT16, UINT32 -> {
                long value = Integer.toUnsignedLong(contents.getUintContents(i));
                checkRange(input, dtype, i, value, 0, (1L << dtype.bits()) - 1);
                tensor.setUnsigned(i, value);
            }
            default -> throw new IllegalArgumentException(dtype + " has no field");
        }
    }

    private static void checkRange(String input, DType dtype, int i, long value, long least, long most) {
        if (value < least || value > most) {
            throw RequestException.bad("input '" + input + "': element " + i + " is " + value + "; datatype "
                    + DataType.of(dtype) + " has " + least + " to " + most);
        }
    }

    /** Writes an output. */
    static InferTensorContents write(Tensor tensor) {
        InferTensorContents.Builder to = InferTensorContents.newBuilder();
        for (long i = 0; i < tensor.size(); i++) {
            add(to, tensor, i);
        }
        return to.build();
    }

    private static void add(InferTensorContents.Builder to, Tensor tensor, long i) {
        switch (tensor.dtype()) {
            case BOOL -> to.addBoolContents(tensor.getBoolean(i));
            case INT8, INT16, INT32 -> to.addIntContents((int) tensor.getLong(i));
            case INT64 -> to.addInt64Contents(tensor.getLong(i));
            case UINT8, UINT16, UINT32 -> to.addUintContents((int) tensor.getLong(i));
            case UINT64 -> to.addUint64Contents(tensor.getLong(i));
            case FLOAT32 -> to.addFp32Contents(tensor.getFloat(i));
            case FLOAT64 -> to.addFp64Contents(tensor.getDouble(i));
            case STRING -> to.addBytesContents(ByteString.copyFrom(tensor.getUtf8(i)));
            default -> throw new IllegalArgumentException(tensor.dtype() + " has no field");
        }
    }
}
