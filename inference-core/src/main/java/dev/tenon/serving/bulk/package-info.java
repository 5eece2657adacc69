/**
 * Long series of items: {@link dev.tenon.serving.bulk.Bulk} describes a run, {@code BulkRun} is one.
 *
 * <p>Must not live here: how calls are merged, which is in {@code dev.tenon.serving.run}. To add an option: a field of the
 * settings, a method of {@link dev.tenon.serving.bulk.Bulk}, and a line of {@code BulkRun}.
 */
package dev.tenon.serving.bulk;
