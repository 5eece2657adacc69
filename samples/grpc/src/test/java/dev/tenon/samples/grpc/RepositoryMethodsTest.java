package dev.tenon.samples.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import dev.tenon.samples.grpc.protocol.InferTensorContents;
import dev.tenon.samples.grpc.protocol.ModelInferRequest;
import dev.tenon.samples.grpc.protocol.ModelInferRequest.InferInputTensor;
import dev.tenon.samples.grpc.protocol.ModelInferResponse;
import dev.tenon.samples.grpc.protocol.ModelRepositoryParameter;
import dev.tenon.samples.grpc.protocol.RepositoryIndexRequest;
import dev.tenon.samples.grpc.protocol.RepositoryIndexResponse.ModelIndex;
import dev.tenon.samples.grpc.protocol.RepositoryModelLoadRequest;
import dev.tenon.samples.grpc.protocol.RepositoryModelUnloadRequest;
import dev.tenon.samples.serve.Metrics;
import dev.tenon.samples.serve.ServedModels;
import dev.tenon.samples.serve.ServerOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads and unloads versions by the client of grpc-java, over a real port. */
class RepositoryMethodsTest {
    private static final int CALLERS = 4;

    @TempDir
    private Path folder;

    private ServedModels models;
    private TestConnection connection;

    @BeforeEach
    void start() throws IOException {
        Path root = folder.resolve("repository");
        TestModels.scale(100)
                .save(Files.createDirectories(root.resolve("scale/2")).resolve("model.onnx"));
        Files.write(Files.createDirectories(root.resolve("scale/3")).resolve("model.onnx"), new byte[] {1, 2, 3});
        serve(ServerOptions.standard().repository(root));
    }

    private void serve(ServerOptions options) throws IOException {
        models = new ServedModels(options.at("127.0.0.1", 0), new Metrics());
        models.load("scale", "1", TestModels.scale(10));
        connection = TestConnection.to(models);
    }

    @AfterEach
    void stop() {
        connection.close();
    }

    private <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
        return connection.call(method, request);
    }

    private static RepositoryModelLoadRequest.Builder load(String name, String version) {
        return RepositoryModelLoadRequest.newBuilder()
                .setModelName(name)
                .putParameters(
                        "version",
                        ModelRepositoryParameter.newBuilder()
                                .setStringParam(version)
                                .build());
    }

    private static RepositoryModelUnloadRequest.Builder unload(String name) {
        // As the client of Triton sends it.
        return RepositoryModelUnloadRequest.newBuilder()
                .setModelName(name)
                .putParameters(
                        "unload_dependents",
                        ModelRepositoryParameter.newBuilder()
                                .setBoolParam(false)
                                .build());
    }

    private List<String> index(boolean ready) {
        List<String> all = new ArrayList<>();
        for (ModelIndex m : call(
                        Methods.REPOSITORY_INDEX,
                        RepositoryIndexRequest.newBuilder().setReady(ready).build())
                .getModelsList()) {
            all.add(m.getName() + " " + m.getVersion() + " " + m.getState() + " " + m.getReason());
        }
        return all;
    }

    private ModelInferResponse infer(String version) {
        return call(
                Methods.MODEL_INFER,
                ModelInferRequest.newBuilder()
                        .setModelName("scale")
                        .setModelVersion(version)
                        .addInputs(InferInputTensor.newBuilder()
                                .setName("x")
                                .setDatatype("FP32")
                                .addShape(1)
                                .addShape(3)
                                .setContents(InferTensorContents.newBuilder()
                                        .addFp32Contents(1)
                                        .addFp32Contents(2)
                                        .addFp32Contents(3)))
                        .addInputs(InferInputTensor.newBuilder()
                                .setName("s")
                                .setDatatype("BYTES")
                                .addShape(1)
                                .setContents(InferTensorContents.newBuilder()
                                        .addBytesContents(ByteString.copyFromUtf8("a"))))
                        .build());
    }

    private static float y(ModelInferResponse response) {
        return response.getOutputs(0).getContents().getFp32Contents(0);
    }

    private <Q> Status failure(MethodDescriptor<Q, ?> method, Q request) {
        try {
            throw new AssertionError("it was answered: " + call(method, request));
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    private <Q> void refused(Status.Code code, String word, MethodDescriptor<Q, ?> method, Q request) {
        Status status = failure(method, request);
        assertThat(status.getCode()).as(request + " -> " + status).isEqualTo(code);
        assertThat(status.getDescription()).contains(word);
    }

    @Test
    void aVersionIsLoadedTriedPromotedAndUnloaded() {
        assertThat(index(false))
                .containsExactly(
                        "scale 1 READY SERVING", "scale 2 UNAVAILABLE unloaded", "scale 3 UNAVAILABLE unloaded");
        call(Methods.REPOSITORY_MODEL_LOAD, load("scale", "2").build());
        assertThat(index(true)).containsExactly("scale 1 READY SERVING", "scale 2 READY READY");
        assertThat(y(infer("2"))).isEqualTo(100);
        assertThat(y(infer(""))).isEqualTo(10);
        models.models().promote("scale", "2");
        assertThat(y(infer(""))).isEqualTo(100);
        ModelRepositoryParameter one =
                ModelRepositoryParameter.newBuilder().setInt64Param(1).build();
        call(
                Methods.REPOSITORY_MODEL_UNLOAD,
                unload("scale").putParameters("version", one).build());
        assertThat(index(true)).containsExactly("scale 2 READY SERVING");
        call(Methods.REPOSITORY_MODEL_UNLOAD, unload("scale").build());
        assertThat(index(true)).isEmpty();
        assertThat(models.isReady()).isFalse();
    }

    @Test
    void badRequestsAreRefusedAndChangeNothing() {
        List<String> before = index(false);
        MethodDescriptor<RepositoryModelLoadRequest, ?> load = Methods.REPOSITORY_MODEL_LOAD;
        for (String name : List.of("..", "../elsewhere", "/etc", "a\\b", "", ".hidden", "latest")) {
            refused(
                    Status.Code.INVALID_ARGUMENT,
                    "letters",
                    load,
                    load(name, "1").build());
            refused(
                    Status.Code.INVALID_ARGUMENT,
                    "letters",
                    load,
                    load("scale", name).build());
        }
        refused(
                Status.Code.INVALID_ARGUMENT,
                "model.onnx",
                load,
                load("scale", "3").build());
        refused(Status.Code.INVALID_ARGUMENT, "is loaded", load, loadedTwice());
        refused(Status.Code.NOT_FOUND, "'9'", load, load("scale", "9").build());
        refused(Status.Code.NOT_FOUND, "'other'", load, load("other", "1").build());
        refused(
                Status.Code.NOT_FOUND,
                "'backup'",
                load,
                load("scale", "2").setRepositoryName("backup").build());
        ModelRepositoryParameter bytes = ModelRepositoryParameter.newBuilder()
                .setBytesParam(ByteString.copyFromUtf8("model"))
                .build();
        refused(
                Status.Code.INVALID_ARGUMENT,
                "file:1/model.onnx",
                load,
                load("scale", "2").putParameters("file:1/model.onnx", bytes).build());
        refused(
                Status.Code.INVALID_ARGUMENT,
                "version",
                load,
                load("scale", "2").putParameters("version", bytes).build());
        refused(
                Status.Code.NOT_FOUND,
                "other",
                Methods.REPOSITORY_MODEL_UNLOAD,
                unload("other").build());
        ModelRepositoryParameter two =
                ModelRepositoryParameter.newBuilder().setStringParam("2").build();
        call(
                Methods.REPOSITORY_MODEL_UNLOAD,
                unload("scale").putParameters("version", two).build());
        assertThat(index(false)).isEqualTo(before);
        assertThat(y(infer(""))).isEqualTo(10);
    }

    private RepositoryModelLoadRequest loadedTwice() {
        RepositoryModelLoadRequest two = load("scale", "2").build();
        call(Methods.REPOSITORY_MODEL_LOAD, two);
        return two;
    }

    @Test
    void withoutAFolderNothingIsLoadedOrUnloaded() throws IOException {
        stop();
        serve(ServerOptions.standard());
        String word = "without --repository";
        refused(
                Status.Code.PERMISSION_DENIED,
                word,
                Methods.REPOSITORY_MODEL_LOAD,
                load("scale", "2").build());
        refused(
                Status.Code.PERMISSION_DENIED,
                word,
                Methods.REPOSITORY_MODEL_UNLOAD,
                unload("scale").build());
        assertThat(index(false)).containsExactly("scale 1 READY SERVING");
    }

    @Test
    void aVersionThatComesInTheMiddleOfTrafficLosesNoCall() throws Exception {
        CountDownLatch some = new CountDownLatch(CALLERS * 10);
        List<Future<Integer>> callers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                callers.add(threads.submit(() -> {
                    int first = 0;
                    for (ModelInferResponse r = infer(""); r.getModelVersion().equals("1"); r = infer("")) {
                        assertThat(y(r)).isEqualTo(10);
                        first++;
                        some.countDown();
                    }
                    return first;
                }));
            }
            boolean begun = some.await(2, TimeUnit.MINUTES);
            call(Methods.REPOSITORY_MODEL_LOAD, load("scale", "2").build());
            models.models().promote("scale", "2");
            assertThat(begun).isTrue();
        }
        for (Future<Integer> caller : callers) {
            assertThat(caller.get()).isPositive();
        }
        assertThat(y(infer(""))).isEqualTo(100);
    }

    /** Requests of which only the numbers of the extension are known, not the file of this project. */
    @Test
    void speaksTheWireFormatOfTheExtension() {
        UnknownFieldSet load = UnknownFieldSet.newBuilder()
                .addField(2, text("scale"))
                .addField(3, message(field(1, text("version")).addField(2, message(field(3, text("2"))))))
                .build();
        assertThat(byNumbers("RepositoryModelLoad", load).asMap()).isEmpty();
        UnknownFieldSet index = UnknownFieldSet.newBuilder()
                .addField(2, Field.newBuilder().addVarint(1).build())
                .build();
        List<ByteString> entries =
                byNumbers("RepositoryIndex", index).getField(1).getLengthDelimitedList();
        assertThat(entries).hasSize(2);
        UnknownFieldSet second = FieldsByNumber.parsed(entries.get(1));
        for (int number = 1; number <= 4; number++) {
            assertThat(second.getField(number).getLengthDelimitedList())
                    .containsExactly(ByteString.copyFromUtf8(
                            List.of("scale", "2", "READY", "READY").get(number - 1)));
        }
        UnknownFieldSet unload = UnknownFieldSet.newBuilder()
                .addField(2, text("scale"))
                .addField(
                        3,
                        message(field(1, text("unload_dependents"))
                                .addField(
                                        2,
                                        message(field(
                                                1,
                                                Field.newBuilder().addVarint(0).build())))))
                .build();
        assertThat(byNumbers("RepositoryModelUnload", unload).asMap()).isEmpty();
        assertThat(index(true)).isEmpty();
    }

    private UnknownFieldSet byNumbers(String name, UnknownFieldSet request) {
        return call(
                MethodDescriptor.<UnknownFieldSet, UnknownFieldSet>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName("inference.GRPCInferenceService/" + name)
                        .setRequestMarshaller(new FieldsByNumber())
                        .setResponseMarshaller(new FieldsByNumber())
                        .build(),
                request);
    }

    private static UnknownFieldSet.Builder field(int number, Field value) {
        return UnknownFieldSet.newBuilder().addField(number, value);
    }

    private static Field text(String text) {
        return Field.newBuilder()
                .addLengthDelimited(ByteString.copyFromUtf8(text))
                .build();
    }

    private static Field message(UnknownFieldSet.Builder fields) {
        return Field.newBuilder()
                .addLengthDelimited(fields.build().toByteString())
                .build();
    }
}
