"""Opens tagged ddff files as pyddff's users do: DDFFTagged, DDFFInventoried and `ddff-convert hdf5`, whole and each recording.

Says how many rows each stream has in every way, and the columns that the HDF5 file has."""
import contextlib, io, json, os, sys, tempfile
import h5py
import pyddff
from pyddff.ddff_convert import parser, ToHdf5

def rows(file, *period):
    return {key: len(file[key].get_data(*period)[0]) for key in file.keys()}

def hdf5(path, *options):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "x.hdf5")
        ToHdf5()(parser.parse_args(["hdf5", path, *options, "--outfile", out]))
        with h5py.File(out) as file:
            found = {}
            # Keys with slashes are nested groups.
            file.visititems(lambda name, item: found.__setitem__(name, len(item)) if isinstance(item, h5py.Dataset) else None)
            return found

out = []
for path in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()):
        tagged = pyddff.DDFFTagged(path)
        labels = list(tagged.tags().keys())
        view = {
            "labels": labels,
            "tagged": rows(tagged),
            "recordings": [rows(tagged, n) for n in range(len(tagged))],
            "inventoried": rows(pyddff.DDFFInventoried(path)),
            "hdf5": hdf5(path),
            "hdf5Recordings": [hdf5(path, "--period", label) for label in labels],
        }
    out.append(view)
json.dump(out, sys.stdout)
