package dev.tenon.samples.grpc;

import dev.tenon.samples.grpc.protocol.ModelRepositoryParameter;
import dev.tenon.samples.grpc.protocol.RepositoryIndexRequest;
import dev.tenon.samples.grpc.protocol.RepositoryIndexResponse;
import dev.tenon.samples.grpc.protocol.RepositoryModelLoadRequest;
import dev.tenon.samples.grpc.protocol.RepositoryModelLoadResponse;
import dev.tenon.samples.grpc.protocol.RepositoryModelUnloadRequest;
import dev.tenon.samples.grpc.protocol.RepositoryModelUnloadResponse;
import dev.tenon.samples.serve.Failure;
import dev.tenon.samples.serve.RequestException;
import dev.tenon.samples.serve.ServedModels;
import java.util.HashMap;
import java.util.Map;

/** Answers the calls of the model repository. Safe for any number of threads. */
final class RepositoryMethods {
    private final ServedModels models;

    RepositoryMethods(ServedModels models) {
        this.models = models;
    }

    RepositoryIndexResponse index(RepositoryIndexRequest request) {
        check(request.getRepositoryName());
        RepositoryIndexResponse.Builder response = RepositoryIndexResponse.newBuilder();
        for (ServedModels.IndexEntry entry : models.index(request.getReady())) {
            response.addModels(RepositoryIndexResponse.ModelIndex.newBuilder()
                    .setName(entry.name())
                    .setVersion(entry.version())
                    .setState(entry.state())
                    .setReason(entry.reason()));
        }
        return response.build();
    }

    RepositoryModelLoadResponse load(RepositoryModelLoadRequest request) {
        check(request.getRepositoryName());
        models.loadFromRepository(request.getModelName(), parameters(request.getParametersMap()));
        return RepositoryModelLoadResponse.getDefaultInstance();
    }

    RepositoryModelUnloadResponse unload(RepositoryModelUnloadRequest request) {
        check(request.getRepositoryName());
        models.unload(request.getModelName(), parameters(request.getParametersMap()));
        return RepositoryModelUnloadResponse.getDefaultInstance();
    }

    private static void check(String repository) {
        if (!repository.isEmpty()) {
            throw new RequestException(
                    Failure.NOT_FOUND,
                    "there is no repository '" + repository + "'; that of this server has no name: leave it empty");
        }
    }

    /** The values as JSON would have them; null if a parameter has none. */
    private static Map<String, Object> parameters(Map<String, ModelRepositoryParameter> given) {
        Map<String, Object> parameters = new HashMap<>();
        given.forEach((name, value) -> parameters.put(
                name,
                switch (value.getParameterChoiceCase()) {
                    case BOOL_PARAM -> value.getBoolParam();
                    case INT64_PARAM -> value.getInt64Param();
                    case STRING_PARAM -> value.getStringParam();
                    case BYTES_PARAM -> value.getBytesParam();
                    case PARAMETERCHOICE_NOT_SET -> null;
                }));
        return parameters;
    }
}
