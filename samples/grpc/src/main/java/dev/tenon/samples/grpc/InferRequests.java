package dev.tenon.samples.grpc;

import com.google.protobuf.ByteString;
import dev.tenon.samples.grpc.protocol.InferParameter;
import dev.tenon.samples.grpc.protocol.ModelInferRequest;
import dev.tenon.samples.grpc.protocol.ModelInferRequest.InferInputTensor;
import dev.tenon.samples.serve.DataType;
import dev.tenon.samples.serve.RawTensors;
import dev.tenon.samples.serve.RequestException;
import dev.tenon.samples.serve.ServedModels;
import dev.tenon.serving.Cancellation;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads requests for predictions. */
final class InferRequests {
    private static final int MAX_RANK = 32;
    private static final long MICROS = 1_000;

    private InferRequests() {}

    /** Reads a request, which may take at most a time, if there is one. Throws if it is not as the protocol says. */
    static ServedModels.Request read(ModelInferRequest request, Optional<Duration> limit, Cancellation cancellation) {
        Optional<Duration> asked = timeout(request.getParametersMap());
        Optional<Duration> timeout =
                limit.isEmpty() || asked.isPresent() && asked.get().compareTo(limit.get()) < 0 ? asked : limit;
        return new ServedModels.Request(
                request.getModelName(),
                request.getModelVersion(),
                request.getId(),
                inputs(request),
                outputs(request),
                timeout,
                cancellation);
    }

    private static Optional<Duration> timeout(Map<String, InferParameter> parameters) {
        InferParameter timeout = parameters.get("timeout");
        if (timeout == null) {
            return Optional.empty();
        }
        long micros =
                switch (timeout.getParameterChoiceCase()) {
                    case INT64_PARAM -> timeout.getInt64Param();
                    case UINT64_PARAM -> timeout.getUint64Param();
                    default -> 0;
                };
        if (micros < 1 || micros > Long.MAX_VALUE / MICROS) {
            throw RequestException.bad("parameter timeout is "
                    + timeout.toString().strip()
                    + "; allowed are microseconds from 1 on, as int64_param");
        }
        return Optional.of(Duration.ofNanos(micros * MICROS));
    }

    private static List<String> outputs(ModelInferRequest request) {
        List<String> names = request.getOutputsList().stream()
                .map(ModelInferRequest.InferRequestedOutputTensor::getName)
                .distinct()
                .toList();
        if (names.contains("")) {
            throw RequestException.bad("an output has no name");
        }
        return names;
    }

    private static Map<String, Tensor> inputs(ModelInferRequest request) {
        if (request.getInputsCount() == 0) {
            throw RequestException.bad("the request has no inputs");
        }
        List<ByteString> raw = request.getRawInputContentsList();
        if (!raw.isEmpty() && raw.size() != request.getInputsCount()) {
            throw RequestException.bad("raw_input_contents has " + raw.size() + " elements; the request has "
                    + request.getInputsCount() + " inputs, and each needs one");
        }
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int i = 0; i < request.getInputsCount(); i++) {
            InferInputTensor input = request.getInputs(i);
            if (inputs.putIfAbsent(input.getName(), tensor(input, raw.isEmpty() ? null : raw.get(i))) != null) {
                throw RequestException.bad("input '" + input.getName() + "' is given twice");
            }
        }
        return inputs;
    }

    private static Tensor tensor(InferInputTensor input, ByteString raw) {
        String name = input.getName();
        if (name.isEmpty() || input.getDatatype().isEmpty()) {
            throw RequestException.bad("input '" + name + "' has no " + (name.isEmpty() ? "name" : "datatype"));
        }
        DataType type = DataType.named(name, input.getDatatype());
        if (input.getShapeCount() > MAX_RANK) {
            throw RequestException.bad("input '" + name + "': shape has " + input.getShapeCount()
                    + " dimensions; allowed are at most " + MAX_RANK);
        }
        long[] dims = input.getShapeList().stream().mapToLong(Long::longValue).toArray();
        if (raw == null) {
            return TensorContents.read(name, type, dims, input.getContents());
        }
        if (input.hasContents()) {
            throw RequestException.bad("input '" + name
                    + "' has contents, although the request has raw_input_contents; one of them is needed");
        }
        return RawTensors.read(name, type, dims, raw.asReadOnlyByteBuffer());
    }
}
