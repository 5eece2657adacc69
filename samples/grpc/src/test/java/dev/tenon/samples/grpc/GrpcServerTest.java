package dev.tenon.samples.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import dev.tenon.samples.grpc.protocol.InferParameter;
import dev.tenon.samples.grpc.protocol.InferTensorContents;
import dev.tenon.samples.grpc.protocol.ModelInferRequest;
import dev.tenon.samples.grpc.protocol.ModelInferRequest.InferInputTensor;
import dev.tenon.samples.grpc.protocol.ModelInferRequest.InferRequestedOutputTensor;
import dev.tenon.samples.grpc.protocol.ModelInferResponse;
import dev.tenon.samples.grpc.protocol.ModelMetadataRequest;
import dev.tenon.samples.grpc.protocol.ModelMetadataResponse;
import dev.tenon.samples.grpc.protocol.ModelReadyRequest;
import dev.tenon.samples.grpc.protocol.ServerLiveRequest;
import dev.tenon.samples.grpc.protocol.ServerMetadataRequest;
import dev.tenon.samples.grpc.protocol.ServerReadyRequest;
import dev.tenon.samples.serve.Metrics;
import dev.tenon.samples.serve.ServedModels;
import dev.tenon.samples.serve.ServerOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Talks to a server by the client of grpc-java, over a real port. */
class GrpcServerTest {
    private final ServedModels models = new ServedModels(
            ServerOptions.standard()
                    .at("127.0.0.1", 0)
                    .limits(10_000, ServerOptions.standard().deadline()),
            new Metrics());
    private TestConnection connection;

    @BeforeEach
    void start() throws IOException {
        models.load("scale", "1", TestModels.scale(10));
        models.load("scale", "2", TestModels.scale(100));
        connection = TestConnection.to(models);
    }

    @AfterEach
    void stop() {
        connection.close();
    }

    private <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
        return connection.call(method, request);
    }

    private static InferInputTensor x(float... data) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (float f : data) {
            contents.addFp32Contents(f);
        }
        return InferInputTensor.newBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addShape(data.length / 3)
                .addShape(3)
                .setContents(contents)
                .build();
    }

    private static InferInputTensor s(String... data) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (String text : data) {
            contents.addBytesContents(ByteString.copyFromUtf8(text));
        }
        return InferInputTensor.newBuilder()
                .setName("s")
                .setDatatype("BYTES")
                .addShape(data.length)
                .setContents(contents)
                .build();
    }

    private static ModelInferRequest.Builder request(InferInputTensor... inputs) {
        return ModelInferRequest.newBuilder().setModelName("scale").setId("q").addAllInputs(List.of(inputs));
    }

    @Test
    void tellsWhatItIs() {
        assertThat(call(Methods.SERVER_LIVE, ServerLiveRequest.getDefaultInstance())
                        .getLive())
                .isTrue();
        assertThat(call(Methods.SERVER_READY, ServerReadyRequest.getDefaultInstance())
                        .getReady())
                .isTrue();
        assertThat(call(Methods.SERVER_METADATA, ServerMetadataRequest.getDefaultInstance())
                        .getName())
                .isEqualTo("tenon");
        for (String version : List.of("", "2", "latest")) {
            ModelReadyRequest ready = ModelReadyRequest.newBuilder()
                    .setName("scale")
                    .setVersion(version)
                    .build();
            assertThat(call(Methods.MODEL_READY, ready).getReady()).as(version).isTrue();
        }
        ModelMetadataResponse metadata = call(
                Methods.MODEL_METADATA,
                ModelMetadataRequest.newBuilder().setName("scale").build());
        assertThat(metadata.getVersionsList()).containsExactly("1", "2");
        assertThat(metadata.getInputs(0).getName()).isEqualTo("x");
        assertThat(metadata.getInputs(0).getDatatype()).isEqualTo("FP32");
        assertThat(metadata.getInputs(0).getShapeList()).containsExactly(-1L, 3L);
        assertThat(metadata.getOutputs(1).getDatatype()).isEqualTo("BYTES");
        HealthCheckResponse health =
                HealthGrpc.newBlockingStub(connection.channel()).check(HealthCheckRequest.getDefaultInstance());
        assertThat(health.getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }

    @Test
    void predicts() {
        ModelInferResponse response =
                call(Methods.MODEL_INFER, request(x(1, 2, 3, 4, 5, 6), s("aé")).build());
        assertThat(response.getModelName()).isEqualTo("scale");
        assertThat(response.getModelVersion()).isEqualTo("1");
        assertThat(response.getId()).isEqualTo("q");
        assertThat(response.getRawOutputContentsList()).isEmpty();
        assertThat(response.getOutputs(0).getName()).isEqualTo("y");
        assertThat(response.getOutputs(0).getShapeList()).containsExactly(2L, 3L);
        assertThat(response.getOutputs(0).getContents().getFp32ContentsList())
                .containsExactly(10f, 20f, 30f, 40f, 50f, 60f);
        assertThat(response.getOutputs(1).getContents().getBytesContents(0).toStringUtf8())
                .isEqualTo("aé");
        ModelInferResponse other = call(
                Methods.MODEL_INFER,
                request(x(1, 2, 3), s("b"))
                        .setModelVersion("2")
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y"))
                        .build());
        assertThat(other.getOutputsList()).hasSize(1);
        assertThat(other.getOutputs(0).getContents().getFp32ContentsList()).containsExactly(100f, 200f, 300f);
        models.models().promote("scale", "2");
        assertThat(call(Methods.MODEL_INFER, request(x(1, 2, 3), s("b")).build())
                        .getModelVersion())
                .isEqualTo("2");
        assertThat(models.metrics().text()).contains("tenon_grpc_responses_total{status=\"OK\"} 3");
    }

    private StatusRuntimeException failure(ModelInferRequest request) {
        try {
            throw new AssertionError("it was answered: " + call(Methods.MODEL_INFER, request));
        } catch (StatusRuntimeException e) {
            return e;
        }
    }

    private static ModelInferRequest changed(Consumer<InferInputTensor.Builder> change) {
        InferInputTensor.Builder x = x(1, 2, 3, 4, 5, 6).toBuilder();
        change.accept(x);
        return request(x.build(), s("a")).build();
    }

    private static InferTensorContents.Builder ints(int... values) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (int v : values) {
            contents.addIntContents(v);
        }
        return contents;
    }

    private static ModelInferRequest withTimeout(InferParameter.Builder timeout) {
        return request(x(1, 2, 3), s("a"))
                .putParameters("timeout", timeout.build())
                .build();
    }

    /** Requests that are wrong, by a word of the message that the client gets. */
    private static Map<ModelInferRequest, String> invalidTensors() {
        InferInputTensor x = x(1, 2, 3);
        Map<ModelInferRequest, String> all = new LinkedHashMap<>();
        all.put(request().build(), "no inputs");
        all.put(request(x).build(), "'s'");
        all.put(request(x, x, s("a")).build(), "given twice");
        all.put(changed(b -> b.clearName()), "no name");
        all.put(changed(b -> b.setName("z")), "z");
        all.put(changed(b -> b.clearDatatype()), "no datatype");
        all.put(changed(b -> b.setDatatype("FLOAT")), "BF16, FP32, FP64, BYTES");
        all.put(changed(b -> b.setDatatype("FP64")), "fp64_contents");
        all.put(changed(b -> b.setDatatype("FP16")), "raw_input_contents");
        all.put(changed(b -> b.clearShape().addShape(6)), "x");
        all.put(changed(b -> b.setShape(0, -2)), "negative");
        all.put(changed(b -> b.setShape(0, 3)), "6 elements; shape [3, 3] needs 9");
        all.put(changed(b -> b.addAllShape(Collections.nCopies(40, 1L))), "at most 32");
        all.put(changed(b -> b.clearContents()), "0 elements");
        all.put(changed(b -> b.setDatatype("INT8").setContents(ints(1, 2, 3, 4, 5, 128))), "-128 to 127");
        all.put(changed(b -> b.setDatatype("UINT8").setContents(ints(1))), "uint_contents");
        all.put(changed(b -> b.setDatatype("INT32").setContents(ints(1, 2, 3, 4, 5, 6))), "x");
        return all;
    }

    private static Map<ModelInferRequest, String> invalidRawTensors() {
        InferInputTensor x = x(1, 2, 3);
        ByteString three = ByteString.copyFrom(new byte[12]);
        Map<ModelInferRequest, String> all = new LinkedHashMap<>();
        all.put(request(x, s("a")).addRawInputContents(three).build(), "has 1 elements; the request has 2 inputs");
        all.put(
                request(x, s("a"))
                        .addRawInputContents(three)
                        .addRawInputContents(three)
                        .build(),
                "one of them");
        InferInputTensor rawX = x.toBuilder().clearContents().build();
        InferInputTensor rawS = s("a").toBuilder().clearContents().build();
        all.put(
                request(rawX, rawS)
                        .addRawInputContents(ByteString.copyFrom(new byte[11]))
                        .addRawInputContents(three)
                        .build(),
                "11 bytes; shape [1, 3] of FP32 needs 12");
        all.put(
                request(rawX, rawS)
                        .addRawInputContents(three)
                        .addRawInputContents(three)
                        .build(),
                "3 elements");
        all.put(
                request(rawX, rawS)
                        .addRawInputContents(three)
                        .addRawInputContents(ByteString.copyFrom(new byte[] {9, 0, 0, 0, 1}))
                        .build(),
                "length of 9");
        return all;
    }

    private static Map<ModelInferRequest, String> invalidSettings() {
        InferInputTensor x = x(1, 2, 3);
        Map<ModelInferRequest, String> all = new LinkedHashMap<>();
        all.put(
                request(x, s("a"))
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("z"))
                        .build(),
                "it has [y, t]");
        all.put(
                request(x, s("a"))
                        .addOutputs(InferRequestedOutputTensor.newBuilder())
                        .build(),
                "an output has no name");
        all.put(withTimeout(InferParameter.newBuilder().setInt64Param(-1)), "microseconds");
        all.put(withTimeout(InferParameter.newBuilder().setStringParam("1")), "microseconds");
        return all;
    }

    @Test
    void refusesEachKindOfBadRequest() {
        Map<ModelInferRequest, String> invalid = invalidTensors();
        invalid.putAll(invalidRawTensors());
        invalid.putAll(invalidSettings());
        assertThat(invalid).hasSize(26);
        invalid.forEach((request, word) -> {
            Status status = failure(request).getStatus();
            assertThat(status.getCode()).as(request + " -> " + status).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(status.getDescription()).contains(word);
        });
        ModelInferRequest good = request(x(1, 2, 3), s("a")).build();
        assertThat(code(good.toBuilder().setModelName("other").build())).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(code(good.toBuilder().setModelVersion("9").build())).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(code(changed(b -> b.setShape(0, 99_999_999).setShape(1, 99_999_999))))
                .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(code(request(x(1, 2, 3), s("a".repeat(10_001))).build())).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> call(
                        Methods.MODEL_METADATA,
                        ModelMetadataRequest.newBuilder().setName("other").build()))
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
        // The server goes on.
        assertThat(call(Methods.MODEL_INFER, good).getOutputsCount()).isEqualTo(2);
    }

    private Status.Code code(ModelInferRequest request) {
        return failure(request).getStatus().getCode();
    }

    /** A request of which only the numbers of the specification are known, not the file of this project. */
    @Test
    void speaksTheWireFormatOfTheSpecification() {
        MethodDescriptor<UnknownFieldSet, UnknownFieldSet> infer =
                MethodDescriptor.<UnknownFieldSet, UnknownFieldSet>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName("inference.GRPCInferenceService/ModelInfer")
                        .setRequestMarshaller(new FieldsByNumber())
                        .setResponseMarshaller(new FieldsByNumber())
                        .build();
        UnknownFieldSet response = call(infer, requestByNumbers());
        assertThat(text(response, 1)).isEqualTo("scale");
        assertThat(text(response, 2)).isEqualTo("2");
        assertThat(text(response, 3)).isEqualTo("q");
        UnknownFieldSet y = FieldsByNumber.parsed(only(response, 5));
        assertThat(text(y, 1)).isEqualTo("y");
        assertThat(text(y, 2)).isEqualTo("FP32");
        assertThat(only(y, 3)).isEqualTo(ByteString.copyFrom(new byte[] {1, 3}));
        ByteBuffer found = only(FieldsByNumber.parsed(only(y, 5)), 6).asReadOnlyByteBuffer();
        found.order(ByteOrder.LITTLE_ENDIAN);
        assertThat(new float[] {found.getFloat(), found.getFloat(), found.getFloat()})
                .containsExactly(100, 200, 300);
        assertThat(found.hasRemaining()).isFalse();
    }

    @Test
    void whatIsRefusedIsNotRepeatedInFull() {
        String name = "a".repeat(9_000);
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() ->
                        call(Methods.MODEL_INFER, request().setModelName(name).build()))
                .satisfies(e -> {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
                    assertThat(e.getStatus().getDescription())
                            .contains("characters]")
                            .hasSizeLessThan(500);
                });
    }

    private static UnknownFieldSet requestByNumbers() {
        ByteBuffer floats = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        floats.putFloat(1).putFloat(2).putFloat(3);
        UnknownFieldSet contents = UnknownFieldSet.newBuilder()
                .addField(6, bytes(ByteString.copyFrom(floats.array())))
                .build();
        UnknownFieldSet x = UnknownFieldSet.newBuilder()
                .addField(1, bytes(ByteString.copyFromUtf8("x")))
                .addField(2, bytes(ByteString.copyFromUtf8("FP32")))
                .addField(3, bytes(ByteString.copyFrom(new byte[] {1, 3})))
                .addField(5, bytes(contents.toByteString()))
                .build();
        UnknownFieldSet texts = UnknownFieldSet.newBuilder()
                .addField(8, bytes(ByteString.copyFromUtf8("a")))
                .build();
        UnknownFieldSet s = UnknownFieldSet.newBuilder()
                .addField(1, bytes(ByteString.copyFromUtf8("s")))
                .addField(2, bytes(ByteString.copyFromUtf8("BYTES")))
                .addField(3, bytes(ByteString.copyFrom(new byte[] {1})))
                .addField(5, bytes(texts.toByteString()))
                .build();
        UnknownFieldSet output = UnknownFieldSet.newBuilder()
                .addField(1, bytes(ByteString.copyFromUtf8("y")))
                .build();
        return UnknownFieldSet.newBuilder()
                .addField(1, bytes(ByteString.copyFromUtf8("scale")))
                .addField(2, bytes(ByteString.copyFromUtf8("2")))
                .addField(3, bytes(ByteString.copyFromUtf8("q")))
                .addField(5, bytes(x.toByteString(), s.toByteString()))
                .addField(6, bytes(output.toByteString()))
                .build();
    }

    private static Field bytes(ByteString... values) {
        Field.Builder field = Field.newBuilder();
        for (ByteString value : values) {
            field.addLengthDelimited(value);
        }
        return field.build();
    }

    private static ByteString only(UnknownFieldSet message, int number) {
        List<ByteString> found = message.getField(number).getLengthDelimitedList();
        assertThat(found).as("field " + number).hasSize(1);
        return found.getFirst();
    }

    private static String text(UnknownFieldSet message, int number) {
        return only(message, number).toStringUtf8();
    }
}
