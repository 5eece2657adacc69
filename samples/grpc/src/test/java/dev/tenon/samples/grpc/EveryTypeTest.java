package dev.tenon.samples.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tenon.samples.grpc.protocol.InferTensorContents;
import dev.tenon.samples.grpc.protocol.ModelInferRequest;
import dev.tenon.samples.grpc.protocol.ModelInferRequest.InferInputTensor;
import dev.tenon.samples.grpc.protocol.ModelInferRequest.InferRequestedOutputTensor;
import dev.tenon.samples.grpc.protocol.ModelInferResponse;
import dev.tenon.samples.serve.DataType;
import dev.tenon.samples.serve.Metrics;
import dev.tenon.samples.serve.RawTensors;
import dev.tenon.samples.serve.ServedModels;
import dev.tenon.samples.serve.ServerOptions;
import dev.tenon.serving.Cancellation;
import dev.tenon.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two elements of each type, in raw form and in the field for the type. */
class EveryTypeTest {
    private static final String STRANGE = "\u00e9\u0007";

    private static ByteString raw(DataType type) {
        ByteBuffer to = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
            case BOOL -> to.put((byte) 1).put((byte) 0);
            case INT8 -> to.put((byte) -128).put((byte) 127);
            case INT16 -> to.putShort((short) -32_768).putShort((short) 32_767);
            case INT32 -> to.putInt(Integer.MIN_VALUE).putInt(Integer.MAX_VALUE);
            case INT64 -> to.putLong(Long.MIN_VALUE).putLong(Long.MAX_VALUE);
            case UINT8 -> to.put((byte) 0).put((byte) 255);
            case UINT16 -> to.putShort((short) 0).putShort((short) 65_535);
            case UINT32 -> to.putInt(0).putInt(-1);
            case UINT64 -> to.putLong(0).putLong(-1);
            case FP16 -> to.putShort((short) 0x3C00).putShort((short) 0xFC00);
            case BF16 -> to.putShort((short) 0x3F80).putShort((short) 0x7F7F);
            case FP32 -> to.putFloat(-1.5f).putFloat(Float.NEGATIVE_INFINITY);
            case FP64 -> to.putDouble(-0.1).putDouble(1e300);
            case BYTES ->
                to.putInt(3).put(new byte[] {(byte) 0xC3, (byte) 0xA9, 7}).putInt(0);
        }
        return ByteString.copyFrom(to.flip());
    }

    private static InferTensorContents contents(DataType type) {
        InferTensorContents.Builder to = InferTensorContents.newBuilder();
        switch (type) {
            case BOOL -> to.addBoolContents(true).addBoolContents(false);
            case INT8 -> to.addIntContents(-128).addIntContents(127);
            case INT16 -> to.addIntContents(-32_768).addIntContents(32_767);
            case INT32 -> to.addIntContents(Integer.MIN_VALUE).addIntContents(Integer.MAX_VALUE);
            case INT64 -> to.addInt64Contents(Long.MIN_VALUE).addInt64Contents(Long.MAX_VALUE);
            case UINT8 -> to.addUintContents(0).addUintContents(255);
            case UINT16 -> to.addUintContents(0).addUintContents(65_535);
            case UINT32 -> to.addUintContents(0).addUintContents(-1);
            case UINT64 -> to.addUint64Contents(0).addUint64Contents(-1);
            case FP32 -> to.addFp32Contents(-1.5f).addFp32Contents(Float.NEGATIVE_INFINITY);
            case FP64 -> to.addFp64Contents(-0.1).addFp64Contents(1e300);
            case BYTES -> to.addBytesContents(ByteString.copyFromUtf8(STRANGE)).addBytesContents(ByteString.EMPTY);
            case FP16, BF16 -> throw new AssertionError(type + " has no field");
        }
        return to.build();
    }

    private static ModelInferResponse answer(ModelInferRequest request) {
        ServedModels models = new ServedModels(ServerOptions.standard(), new Metrics());
        models.load("types", "1", TestModels.everyType());
        return InferResponses.write(
                request, models.predict(InferRequests.read(request, Optional.empty(), new Cancellation())));
    }

    /** All inputs are raw, and so are all outputs. */
    @Test
    void rawTensorsComeBackRaw() {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("types");
        for (DataType type : DataType.values()) {
            request.addInputs(InferInputTensor.newBuilder()
                    .setName(type.name().toLowerCase(Locale.ROOT))
                    .setDatatype(type.name())
                    .addShape(2));
            request.addRawInputContents(raw(type));
        }
        ModelInferResponse response = answer(request.build());
        for (DataType type : DataType.values()) {
            assertThat(response.getOutputs(type.ordinal()).getDatatype()).isEqualTo(type.name());
            assertThat(response.getRawOutputContents(type.ordinal()))
                    .as(type.name())
                    .isEqualTo(raw(type));
        }
    }

    /** The field and the raw form hold the same numbers. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"FP16", "BF16"})
    void fieldsHoldWhatRawTensorsHold(DataType type) {
        Tensor tensor = TensorContents.read("x", type, new long[] {2}, contents(type));
        assertThat(ByteString.copyFrom(RawTensors.write(tensor))).isEqualTo(raw(type));
        assertThat(TensorContents.write(tensor)).isEqualTo(contents(type));
    }

    /** An output without a field makes all outputs raw. */
    @Test
    void halfFloatsAreRaw() {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder()
                .setModelName("types")
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("out_fp32"))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("out_bf16"));
        for (DataType type : DataType.values()) {
            request.addInputs(InferInputTensor.newBuilder()
                    .setName(type.name().toLowerCase(Locale.ROOT))
                    .setDatatype(type.name())
                    .addShape(2));
            request.addRawInputContents(raw(type));
        }
        ModelInferResponse response = answer(request.build());
        assertThat(response.getRawOutputContentsList()).containsExactly(raw(DataType.FP32), raw(DataType.BF16));
    }
}
