package dev.tenon.samples.flink;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.batch.Batcher;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * A model, as a job names it.
 *
 * @param path a file that each task manager can read: in its image, or in a folder that all of them mount
 * @param maxRows how many rows run together at most; 1 takes any model
 */
public record ModelFile(String path, int maxRows) implements Serializable {
    /** The models of this task manager. They end with the class loader of the job. */
    private static final ConcurrentMap<ModelFile, Loaded> LOADED = new ConcurrentHashMap<>();

    private record Loaded(Model model, Batcher batcher) {}

    /** Checks the components. */
    public ModelFile {
        Objects.requireNonNull(path, "path");
        if (maxRows < 1) {
            throw new InvalidOptionException("ModelFile.maxRows", Integer.toString(maxRows), "1 or more", null);
        }
    }

    /**
     * The batcher that all tasks of a task manager share: the first of them loads the model. A run has one thread, since the
     * tasks run beside each other. A task waits if too much does.
     */
    Batcher batcher() {
        return LOADED.computeIfAbsent(this, ModelFile::load).batcher();
    }

    /** The model of the batcher. */
    Model model() {
        return LOADED.computeIfAbsent(this, ModelFile::load).model();
    }

    private static Loaded load(ModelFile file) {
        Model model = Model.load(Path.of(file.path()));
        BatchOptions options = BatchOptions.standard().maxRows(file.maxRows()).onFull(BatchOptions.OnFull.BLOCK);
        return new Loaded(
                model, Batcher.of(model.session(SessionOptions.standard().threads(1)), options));
    }

    /** How many batchers there are. */
    static int batchers() {
        return LOADED.size();
    }
}
