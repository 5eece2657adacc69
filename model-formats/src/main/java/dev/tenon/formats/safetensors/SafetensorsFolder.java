package dev.tenon.formats.safetensors;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.json.DataReader;
import dev.tenon.formats.json.JsonReader;
import dev.tenon.tensor.Tensor;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** The tensors of a folder: those of {@code model.safetensors}, or of the files that {@code model.safetensors.index.json} names. */
public final class SafetensorsFolder {
    /** The file of a model that is in one. */
    private static final String SINGLE = "model.safetensors";

    private static final String INDEX = "model.safetensors.index.json";

    private SafetensorsFolder() {}

    /**
     * Reads all tensors.
     *
     * @param folder finds the files of the folder; it refuses paths that lead out of it
     * @param limits the limits that hold
     * @return the tensors by their names, views of the files
     * @throws ModelFileException if there is no such file, or the index names one outside of the folder
     * @throws MalformedModelException if a file is not well formed, or a tensor is not in the file that the index names
     * @throws dev.tenon.formats.UnsupportedModelException if a tensor has other elements than F32, F16 and BF16
     * @throws ResourceLimitException if a limit is exceeded
     */
    public static Map<String, Tensor> tensors(ExternalData folder, Limits limits) {
        ModelBytes single;
        try {
            single = ModelBytes.of(SINGLE, folder.open(SINGLE));
        } catch (ModelFileException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return shards(folder, limits);
            }
            throw e;
        }
        return SafetensorsFile.read(single, limits);
    }

    private static Map<String, Tensor> shards(ExternalData folder, Limits limits) {
        Map<String, String> files =
                JsonReader.read(ModelBytes.of(INDEX, folder.open(INDEX)), limits, SafetensorsFolder::weightMap);
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (String file : new TreeSet<>(files.values())) {
            SafetensorsFile.read(ModelBytes.of(file, folder.open(file)), limits).forEach((name, tensor) -> {
                if (!file.equals(files.get(name)) || all.put(name, tensor) != null) {
                    throw new MalformedModelException(
                            file + ", tensor " + DataReader.shown(name),
                            files.containsKey(name)
                                    ? "a tensor of " + files.get(name)
                                    : "a tensor that the index lacks",
                            "the tensors that " + INDEX + " says",
                            "fetch all files of the model again");
                }
            });
            limits.checkTensors(INDEX, all.size());
        }
        for (Map.Entry<String, String> entry : files.entrySet()) {
            if (!all.containsKey(entry.getKey())) {
                throw new MalformedModelException(
                        INDEX + ", tensor " + DataReader.shown(entry.getKey()),
                        "no such tensor in " + DataReader.shown(entry.getValue()),
                        "a tensor of this file",
                        "fetch all files of the model again");
            }
        }
        return all;
    }

    private static Map<String, String> weightMap(DataReader in) {
        Map<String, String> files = null;
        in.beginObject();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (!name.equals("weight_map")) {
                in.skip();
                continue;
            }
            files = new LinkedHashMap<>();
            in.beginObject();
            for (String tensor = in.nextName(); tensor != null; tensor = in.nextName()) {
                files.put(tensor, in.text());
            }
        }
        if (files == null) {
            throw in.malformed("no weight_map", "an object with the file of each tensor");
        }
        return files;
    }
}
